"""Mechanisms: organizational."""
