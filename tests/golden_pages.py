"""What is read of the pages in tests/data/pages: `python tests/golden_pages.py` writes it anew, for a person to look at."""

import json
from pathlib import Path

from retrieval.readers import read_source, stop_readers
from retrieval.records import Article, Source
from retrieval.text.languages import detect_article_language
from retrieval.text.sentences import split_article

PAGES = Path(__file__).parent / "data" / "pages"
WITHOUT_ARTICLE = {"script-only"}


def pages():
    """List the pages that hold an article."""
    return sorted(path for path in PAGES.glob("*.html") if path.stem not in WITHOUT_ARTICLE)


def read_page(path):
    """Read a page as a load does; give what a golden file holds."""
    (article,) = read_source(Source(path.stem, path, str(PAGES)))
    assert isinstance(article, Article), article
    sentences = split_article(article, article.language or detect_article_language(article.text)).sentences
    fields = ("title", "author", "published", "language", "url")
    return {name: getattr(article, name) for name in fields} | {
        "text": article.text.split("\n"),
        "sentences": [[sentence.kind.value, sentence.text] for sentence in sentences],
    }


if __name__ == "__main__":
    for path in pages():
        path.with_suffix(".json").write_text(json.dumps(read_page(path), ensure_ascii=False, indent=1) + "\n", "utf-8")
    stop_readers()
