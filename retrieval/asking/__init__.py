"""The read side: a question goes in, an answer comes out.

answerer.py calls the stages in order: filters.py (operators), intents.py, in_context.py (what a question takes from the
one before, with follow_ups.py), then the index and the ranking, standing_alone.py (what can answer), answer.py (hits and
snippets, with leads.py, trails.py, highlight.py, answer_span.py and entities.py) and corrections.py, or nearest.py without
an answer. disagreement.py compares what articles say, by quantities.py. explanation.py says why an answer is what it is.
"""
