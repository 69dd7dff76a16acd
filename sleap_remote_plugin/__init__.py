"""You label in SLEAP; the cluster trains and predicts.

`jobs` says what a job is, where it runs and how it stands: values and pure
functions. `slurm` turns that into text for SLURM and reads SLURM's text back, and
never connects. `ssh` carries text to the cluster and never parses it. `session`
puts the three together: one blocking call for each thing that a user wants. `qt`
shows it and keeps the window alive. `sleap_host` is the only room that knows SLEAP,
with one file per generation of it. `launch` and `cli` are the doors.
"""

from __future__ import annotations

__version__ = "0.1.0"
