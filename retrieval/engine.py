"""The facade: one store, opened for loading and asking by any number of threads.

Modules are imported in the methods that need them: listing articles need not wait for numpy, or asking for the readers.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from retrieval.errors import StoreError
from retrieval.opened_store import OpenedStore
from retrieval.records import (
    ANSWERING,
    Answer,
    Caution,
    Context,
    Hit,
    LoadReport,
    Progress,
    checked_set,
)
from retrieval.store.reader import Reader

if TYPE_CHECKING:
    from retrieval.asking.explanation import Explanation
    from retrieval.evaluation.lint import Finding
    from retrieval.records import Preview, PublishedGeneration

Sources = str | Path | Iterable[str | Path]  # one or several files, folders, patterns of files and URLs


def open_engine(
    path: str | Path, caution: Caution = "normal", sets: Collection[str] = (), address: str = ""
) -> "Engine":
    """Open a store; the first load creates the file. `caution` says how sure the first hit must be to answer.

    With `sets`, names of sets of articles, only their articles are shown and asked, and those that belong to no set.
    With the `address` of a Milvus, that holds the articles, and the store only what was needed of them on this machine.
    """
    return Engine(path, caution, sets, address)


class Engine(OpenedStore):
    """A store to load and to ask, safe to use from several threads; see `open_engine`.

    Each method raises StoreError if the store cannot be used. A question sees what any load, in this process or
    another, has published before.
    """

    def load(
        self,
        sources: Sources,
        *,
        prune: bool | Collection[str] = False,
        again: bool = False,
        allow_private: bool = False,
        progress: Callable[[Progress], None] | None = None,
        only: Collection[str] = (),
    ) -> LoadReport:
        """Read sources into the store and publish what has changed.

        Articles that have vanished from their source are reported, and removed with `prune`: all, or those whose id it
        holds. Unchanged files and pages are read only with `again`, URLs in private networks only with `allow_private`.
        With `only`, files with other ids are left as they are. `progress` is called for each source and article.
        Raise SourceNotFound for a blank source; for other errors see `retrieval.loading.load.load`.
        """
        from retrieval.loading.load import load
        from retrieval.loading.scan import LoadOptions

        removable = prune if isinstance(prune, bool) else frozenset(prune)
        options = LoadOptions(removable, again, allow_private, progress, frozenset(only))
        return self._changing(lambda: load(self.path, _listed(sources), options))

    def preview(
        self,
        sources: Sources,
        questions: Iterable[str],
        *,
        prune: bool = False,
        again: bool = False,
        allow_private: bool = False,
        progress: Callable[[Progress], None] | None = None,
    ) -> "Preview":
        """Return what a load would change, answers included, and publish nothing; the same load continues from there."""
        from retrieval.evaluation.preview import preview
        from retrieval.loading.scan import LoadOptions

        options = LoadOptions(prune, again, allow_private, progress)
        return self._changing(lambda: preview(self.path, _listed(sources), questions, options, self._caution))

    def remove(self, article_id: str) -> bool:
        """Remove an article; return False if there is none with that id."""
        return bool(self.remove_all([article_id]))

    def remove_all(self, article_ids: Iterable[str]) -> list[str]:
        """Remove articles in one generation; return the ids of those that there were."""
        from retrieval.loading.load import remove_articles

        return self._changing(lambda: remove_articles(self.path, list(article_ids)))

    def rollback(self, generation: int | None = None, progress: Callable[[Progress], None] | None = None) -> LoadReport:
        """Publish the articles of an earlier generation again; without one, go one step further back each time.

        Raise GenerationGone if they are no longer kept.
        """
        from retrieval.loading.rollback import rollback

        return self._changing(lambda: rollback(self.path, generation, progress))

    def rollback_target(self, generation: int | None = None) -> "PublishedGeneration":
        """Return the generation that such a rollback goes back to; raise GenerationGone."""
        from retrieval.loading.rollback import find_target

        return find_target(self.history(), generation)

    def add_source(self, spec: str | Path, *, allow_private: bool = False, set_name: str | None = None) -> bool:
        """Add a path, pattern or URL for the next load, to a set of articles ("" takes it out of one, None leaves it there).

        Return False if it was there before. Raise SourceError, and ValueError for a name that no set can have.
        """
        from retrieval.loading.subscriptions import add_source

        named = checked_set(set_name) if set_name else set_name
        return self._changing(lambda: add_source(self.path, spec, allow_private=allow_private, set_name=named))

    def remove_source(self, spec: str | Path, *, articles: bool = False) -> bool:
        """Remove a source, and with `articles` its articles too; return False if it was never added."""
        from retrieval.loading.subscriptions import remove_source

        return self._changing(lambda: remove_source(self.path, spec, articles=articles))

    def ask(self, question: str, k: int = 10, context: Context | None = None) -> Answer:
        """Answer a question, with at most k hits, or say that the articles do not answer it.

        `context`, of the answer before, is what a question that does not stand alone is read in the light of.
        """
        return self._answerer.ask(question, k, context)

    def more(self, context: Context) -> Answer:
        """Answer the question of a context again with the snippets that come next, those that were not shown."""
        return self._answerer.more(context)

    def retrieve(self, query: str, k: int = 10, fields: Collection[str] | None = None) -> list[Hit]:
        """Rank at most k sentences by TF-IDF, over all fields or those named."""
        return self._answerer.retrieve(query, k, fields)

    def best_in(self, article_ids: Collection[str], question: str, k: int = 10) -> list[Hit]:
        """Rank at most k sentences of some articles for a question, whether or not they answer it.

        If fewer have any of its words, the first of the others follow.
        """
        rows = self._reader.rows_of(article_ids)
        hits = self._answerer.best_in(rows, question, k)
        known = {(hit.version, hit.start) for hit in hits}
        for row in rows if len(hits) < k else ():
            others = [one for one in self._reader.sentences_of(row) if one.kind in ANSWERING]
            new = [one.start for one in others if (row, one.start) not in known][: k - len(hits)]
            hits += [hit for start in new if (hit := self.cited(row, start))]
        return [replace(hit, rank=rank) for rank, hit in enumerate(hits, 1)]

    def explain(
        self, question: str, k: int = 10, context: Context | None = None, only: Hit | None = None
    ) -> "Explanation":
        """Answer a question as `ask` does, and explain the first three hits; `only` one hit, if it is among the k."""
        return self._answerer.explain(question, k, context, only)

    def lint(self) -> "list[Finding]":
        """Return which articles answer badly or not at all, and why."""
        from retrieval.evaluation.lint import lint
        from retrieval.index.searcher import Searcher

        searcher = self._answerer.searcher()
        return lint(self._reader, searcher if isinstance(searcher, Searcher) else None)

    def contradictions(self) -> "Iterator[Finding]":
        """Yield pairs of articles that state different numbers or dates of the same thing; takes a search a sentence."""
        from retrieval.evaluation.contradictions import find_contradictions

        reader, generation = self._reader, self.generation()
        shown = set(reader.in_sets(generation))
        versions = (version for version in reader.versions(generation) if version.row in shown)
        return find_contradictions(versions, self.retrieve)

    def group_questions(self, questions: Sequence[str]) -> list[list[int]]:
        """Return the numbers of questions that ask the same in groups, by the words of the store."""
        from retrieval.evaluation.grouping import group_questions

        searcher = self._answerer.searcher()
        return group_questions(questions, searcher) if searcher else [[number] for number in range(len(questions))]

    def problems(self) -> list[str]:
        """Read store, index and weights completely; return what is wrong and what to do about it."""
        from retrieval.index.manifest import find_index_problems, index_folder
        from retrieval.ranking.weights import find_weights_problems
        from retrieval.store.store_checks import find_store_problems

        problems = find_store_problems(self.path)
        try:
            with Reader(self.path) as reader:
                generation, begun = reader.identity()
        except StoreError as error:
            return problems or [str(error)]
        if generation and not self._remote:
            problems += find_index_problems(index_folder(self.path), generation, begun)
        return problems + find_weights_problems(self.path)


def _listed(sources: Sources) -> list[str | Path]:
    return [sources] if isinstance(sources, str | Path) else list(sources)
