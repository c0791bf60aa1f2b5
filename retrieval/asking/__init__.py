"""The read side: a question goes in, an answer comes out.

answerer.py calls the stages in order: filters.py (operators), intents.py, then the index and the ranking, answer.py
(hits and snippets, with leads.py, highlight.py, answer_span.py and entities.py) and corrections.py. explanation.py says
why an answer is what it is.
"""
