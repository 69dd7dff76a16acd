"""A small real SLEAP project with known poses, and settings that learn it quickly."""
