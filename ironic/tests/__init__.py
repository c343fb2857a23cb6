"""Unit tests: `python3 -m unittest` in the folder ironic/, with Ironic installed."""
