"""Mechanisms: background."""
