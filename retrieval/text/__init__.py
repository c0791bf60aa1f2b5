"""What citebot knows about text: languages, paragraphs, sentences, terms.

For a question: languages.py, analyzer.py, lexicon.py, spelling.py. For an article: sentences.py, which composes
paragraphs.py and kinds.py (with boilerplate.py). This file imports nothing, so that a question starts fast.
"""
