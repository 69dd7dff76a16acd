"""A job as SLURM's text: the batch script, the commands, and what they print.

Nothing here connects or touches a disk.
"""
