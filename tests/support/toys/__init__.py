"""An area of somebody's own; all of it is in `area.py`."""
