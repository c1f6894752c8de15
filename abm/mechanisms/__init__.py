"""The rules. One file per mechanism, by layer; none imports another."""
