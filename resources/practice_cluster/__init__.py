"""A real, small SLURM cluster behind two SSH hops, on one Linux machine.

``settings.load()`` is what tests and the demo read; everything else serves the
command ``practice-cluster``. See README.md.
"""
