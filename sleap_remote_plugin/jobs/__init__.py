"""What is run, where it runs, and how it stands: values and pure functions.

Nothing here connects, opens a window or knows SLEAP's Python.
"""
