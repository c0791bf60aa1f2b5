"""The write side: sources go in, a new generation of the store comes out."""
