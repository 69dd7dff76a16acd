"""Carries text to the cluster and back; parses none of it."""
