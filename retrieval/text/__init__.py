"""What citebot knows about text: languages, paragraphs, sentences, terms.

For a question: languages.py, analyzer.py, lexicon.py, spelling.py. For an article: sentences.py, which composes
paragraphs.py (with faq.py), kinds.py (with boilerplate.py) and surroundings.py. This file imports nothing, so that a
question starts fast.
"""
