"""Shows the jobs and keeps the window alive; knows no SLEAP."""
