"""Photo files: one module for each kind of file, and what their colours and metadata mean."""
