"""Mechanisms: social."""
