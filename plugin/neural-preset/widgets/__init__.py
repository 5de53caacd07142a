"""GTK 3 widgets that show presets and pictures; they know nothing of GIMP."""
