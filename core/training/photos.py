"""Photos for training: folders decoded once to squares, crops cut from them in batches."""

from __future__ import annotations

import hashlib
import logging
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps, UnidentifiedImageError
from torch.nn import functional as F

from core.errors import InputError

log = logging.getLogger(__name__)
SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff"}


def find(folder: Path) -> list[Path]:
    """Every photo below a folder, sorted; InputError if there is none."""
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)
    if not paths:
        raise InputError(f"There are no photos in {folder}.")
    return paths


def square(path: Path, side: int) -> np.ndarray | None:
    """The centre of one photo, (side, side, 3) uint8 sRGB-encoded; None if it cannot be read."""
    try:
        with Image.open(path) as image:
            cut = ImageOps.fit(image.convert("RGB"), (side, side), Image.Resampling.BOX)
        return np.asarray(cut)
    except (OSError, UnidentifiedImageError) as error:
        log.warning("left out %s: %s", path, error)
        return None


def load(folder: Path, side: int, cache: Path | None = None) -> np.ndarray:
    """All photos of a folder as (N, side, side, 3) uint8, kept in `cache` for the next run."""
    paths = find(folder)
    names = "\n".join(map(str, paths))
    key = hashlib.sha256(f"{side}\n{names}".encode()).hexdigest()[:16]
    kept = cache / f"photos-{key}.npy" if cache else None
    if kept and kept.exists():
        return np.load(kept, mmap_mode="r", allow_pickle=False)
    with ThreadPoolExecutor() as pool:
        decoded = pool.map(lambda path: square(path, side), paths)
        photos = np.stack([photo for photo in decoded if photo is not None])
    if kept:
        kept.parent.mkdir(parents=True, exist_ok=True)
        np.save(kept, photos)
    return photos


class PhotoPool:
    """Folders of photos on the device, each drawn equally often however many photos it has."""

    def __init__(self, folders: list[np.ndarray], device: torch.device) -> None:
        self.folders = [torch.tensor(folder, device=device) for folder in folders]
        self.device = device

    def draw(self, count: int, generator: torch.Generator) -> torch.Tensor:
        """(count, 3, side, side) float32 sRGB-encoded [0, 1], no photo twice in one folder."""
        drawn: list[torch.Tensor] = []
        for number, folder in enumerate(self.folders):
            share = (count * (number + 1)) // len(self.folders) - sum(len(part) for part in drawn)
            index = torch.randperm(len(folder), generator=generator)[:share]
            drawn.append(folder[index.to(self.device)])
        photos = torch.cat(drawn)
        return photos.permute(0, 3, 1, 2).float().div_(255)


def random_crops(photos: torch.Tensor, side: int, generator: torch.Generator) -> torch.Tensor:
    """Random resized crops, a third of the photo's side up to all of it, mirrored half the time.

    photos: (B, 3, H, W). Returns (B, 3, side, side), area-averaged from twice that size.
    """
    count = len(photos)
    uniform = torch.rand(count, 5, generator=generator).to(photos.device)
    scale = 1 / 3 + (2 / 3) * uniform[:, 0].sqrt()
    aspect = torch.exp((uniform[:, 1] - 0.5) * 0.5)
    width, height = (scale * aspect).clamp(max=1), (scale / aspect).clamp(max=1)
    mirror = torch.where(uniform[:, 4] < 0.5, -1.0, 1.0)
    theta = torch.zeros(count, 2, 3, device=photos.device)
    theta[:, 0, 0], theta[:, 1, 1] = width * mirror, height
    theta[:, 0, 2] = (uniform[:, 2] * 2 - 1) * (1 - width)
    theta[:, 1, 2] = (uniform[:, 3] * 2 - 1) * (1 - height)
    grid = F.affine_grid(theta, [count, 3, 2 * side, 2 * side], align_corners=False)
    sampled = F.grid_sample(photos, grid, padding_mode="border", align_corners=False)
    return F.avg_pool2d(sampled, 2)


def mixed_content(
    first: torch.Tensor, second: torch.Tensor, generator: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """Gives some photos other contents: halves of two photos, or an object on a plain ground.

    Both arguments are crops of the same photos and get the same partner. What a picture shows then
    says less about its look, and product shots on white are not a surprise.
    """
    count, _, _, side = first.shape
    columns = torch.arange(side, device=first.device).view(1, 1, 1, side)
    rows = columns.transpose(2, 3)
    draw = torch.rand(6, count, generator=generator).to(first.device).view(6, count, 1, 1, 1)
    split = (draw[0] < 0.25) & (columns > (0.25 + 0.5 * draw[1]) * side)
    radius = (0.25 + 0.25 * draw[2]) * side
    outside = (columns - side / 2).square() + (rows - side / 2).square() > radius.square()
    plain = (draw[3] < 0.05) & outside
    ground = torch.where(draw[4] < 0.7, 1 - 0.05 * draw[5], 0.1 * draw[5])

    def mix(crops: torch.Tensor) -> torch.Tensor:
        crops = torch.where(split, crops.roll(1, 0), crops)
        return torch.where(plain, ground, crops)

    return mix(first), mix(second)
