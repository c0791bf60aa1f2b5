"""Candidates in, ranked candidates out, with the probability that the first of them answers.

features.py turns candidates into a table of numbers, ranker.py scores them, confidence.py judges the best; weights.py
holds what both have learned.
"""
