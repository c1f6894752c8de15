"""Mechanisms: interest."""
