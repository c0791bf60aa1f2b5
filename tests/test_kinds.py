import json
from pathlib import Path

import pytest

from retrieval.readers import read_source
from retrieval.records import Article, Kind
from retrieval.sources import find_sources
from retrieval.text.sentences import split_article

NEWS = Path(__file__).parent / "data" / "news"


def kinds(text, title="", language="en"):
    sentences = split_article(Article("a", title, text), language).sentences
    return [(sentence.kind.value, sentence.text) for sentence in sentences]


def kind_of(sentence, text, title=""):
    return dict(reversed(pair) for pair in kinds(text, title))[sentence]


PAGES = [source for source in find_sources(NEWS) if source.path.suffix == ".txt"]


@pytest.mark.parametrize("source", PAGES, ids=lambda source: source.id)
def test_every_sentence_of_a_news_page_has_the_kind_that_a_person_gave_it(source):
    golden = [json.loads(line) for line in (NEWS / f"{source.id}.kinds.jsonl").read_text("utf-8").splitlines()]
    (article,) = read_source(source)
    language = "es" if source.id == "granja" else "en"
    assert [[kind, text] for kind, text in kinds(article.text, article.title, language)] == golden


def test_the_news_pages_are_all_held_by_golden_files():
    assert {path.stem for path in NEWS.glob("*.txt")} == {path.name.split(".")[0] for path in NEWS.glob("*.jsonl")}
    assert len(list(NEWS.glob("*.txt"))) >= 3


WEB_PAGE = """Report: Two harbours to merge after vote

Talks between the two ports have dragged on since the storm of 2011.

Harbour rally (photo credit: LANTERN)
Harbour rally
(photo credit: LANTERN)
The ports of Northaven and Southaven will merge next year, officials said on Tuesday.
Talks between the two ports have dragged on since the storm of 2011. The storm sank nine ferries.
"The statement that we will close is rejected (by all of us)," port spokesman Tomas Reke said in a statement.
The state has listed the harbour as a monument since 1997.
Lantern contributed to this report."""


def test_a_page_as_it_came_off_the_web_keeps_only_its_body():
    found = kinds(WEB_PAGE, "Report: Two harbours to merge after vote")
    assert [kind for kind, _ in found] == ["headline", "other", "caption", "caption", "credit", *["body"] * 5, "agency"]


@pytest.mark.parametrize(
    "sentence",
    [
        "The photo credit went to a student of nine.",
        "Reuters was founded in London in 1851.",
        "Photo by photo, the archive was copied.",
        "Smith contributed to this report on the climate of the coast and was paid for it.",
        "Published in 1843, the book sold out within days.",
        "By 1990 the town had 300 people.",
        "Share prices on Facebook and Twitter fell.",
        "Copyright law protects songs for seventy years.",
        "The report was published in 1972 and changed the law.",
        "Reporting from the front changed how wars were seen.",
        "More than this nobody knew.",
        "Read the whole letter here: it is short.",
        "По информации музея зал закрыт.",
        "Avec son frère il partit pour Lyon.",
        "He moved to Paris, France (Europe) - and stayed there.",
        "What is a quark?",
        "We baked cookies for the whole village.",
        "This website broke its record in May.",
        "Cookies were invented by Lou Montulli in 1994.",
        "The source of the Ask lies at 910 metres.",
        "Back to the front he went in 1917.",
        "Wir backen im Dezember neun Sorten.",
        "摄影展从五月开到七月。",
        "La fuente de la plaza es de 1740.",
    ],
)
@pytest.mark.parametrize("frame", ["{}", "{}\n\nIt is known.", "It is known to all of us here.\n\n{}"])
def test_a_sentence_that_only_mentions_such_things_is_body(sentence, frame):
    assert ("body", sentence) in kinds(frame.format(sentence), "Some title")


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("Foto: Ana Ruiz/EFE", Kind.CREDIT),
        ("Фото: Иван Петров", Kind.CREDIT),
        ("צילום: דנה לוי", Kind.CREDIT),
        ("Jane Doe/Reuters", Kind.CREDIT),
        ("© Lantern News", Kind.CREDIT),
        ("Workers at the dock on Monday (AP Photo/Jane Doe)", Kind.CAPTION),
        ("FILE - Workers stand at the dock in June.", Kind.CAPTION),
        ("Читайте также: Мост закрыт", Kind.OTHER),
        ("اقرأ أيضا: إغلاق الجسر", Kind.OTHER),
        ("Lesen Sie auch: Die Brücke ist zu", Kind.OTHER),
        ("Updated: 3 May 2024", Kind.OTHER),
        ("May 3, 2024", Kind.OTHER),
        ("NORTHAVEN, 3 May (Lantern) -", Kind.OTHER),
        ("28. August 2016", Kind.OTHER),
        ("21 de mayo de 2024", Kind.OTHER),
        ("Pubblicato il 3 maggio 2024, 10:20", Kind.OTHER),
        ("Yayınlanma: 26 Eylül 2022 11:00", Kind.OTHER),
        ("2023年12月01日 10:15", Kind.OTHER),
        ("Fonte: Ansa", Kind.CREDIT),
        ("Kaynak: Liman Haber", Kind.CREDIT),
        ("来源：青河日报", Kind.CREDIT),
        ("周明 摄", Kind.CREDIT),
        ("Leia mais: A ponte fechou", Kind.OTHER),
        ("Leggi anche: Il ponte chiude", Kind.OTHER),
        ("À lire aussi : Le pont ferme", Kind.OTHER),
        ("İlgili Haber: Köprü kapandı", Kind.OTHER),
        ("यह भी पढ़ें: पुल बंद", Kind.OTHER),
        ("شاهد أيضا: إغلاق الجسر", Kind.OTHER),
        ("责任编辑：王静", Kind.OTHER),
        ("Back to the index", Kind.OTHER),
        ("Media contact:", Kind.OTHER),
        ("Condividi Facebook WhatsApp", Kind.OTHER),
        ("Compartilhar Facebook Twitter", Kind.OTHER),
        ("We use cookies to give you the best experience on our site.", Kind.OTHER),
        ("By continuing to browse you accept our use of cookies.", Kind.OTHER),
        ("Utilizamos cookies propias y de terceros.", Kind.OTHER),
        ("Nous utilisons des cookies.", Kind.OTHER),
        ("En poursuivant votre navigation, vous acceptez l'utilisation de cookies.", Kind.OTHER),
        ("Questo sito utilizza i cookie.", Kind.OTHER),
        ("Мы используем файлы cookie.", Kind.OTHER),
        ("نستخدم ملفات تعريف الارتباط لتحسين تجربتك.", Kind.OTHER),
        ("Bu sitede çerezler kullanılmaktadır.", Kind.OTHER),
        ("हम कुकीज़ का उपयोग करते हैं।", Kind.OTHER),
        ("本网站使用Cookie改善体验。", Kind.OTHER),
    ],
)
def test_lines_that_say_what_they_are_never_answer(line, kind):
    body = "It rained for nine days. " * 3
    assert kind_of(line, f"{body}\n\n{line}\n" + f"\n{body}" * 7) == kind


@pytest.mark.parametrize(
    "line",
    [
        "Lantern contributed to this report.",
        "(Reporting by Jane Doe; Editing by Jon Pell)",
        "Additional reporting by Jane Doe and Jon Pell.",
        "По материалам ТАСС",
        "Mit Material von dpa",
        "Con información de EFE",
        "(AFP)",
        "SOURCE Northlight Batteries",
        "(भाषा)",
        "（新华社）",
        "© 2024 The Lantern. All rights reserved",
        "The Lantern, Northaven; all rights reserved.",
    ],
)
def test_an_agency_line_at_the_end_never_answers(line):
    body = "It rained for nine days, as the town had not seen since 1931."
    found = [kind for kind, _ in kinds(f"{body}\n{line}")]
    assert found[0] == "body"
    assert set(found[1:]) == {"agency"}


def test_an_agency_sentence_glued_to_the_last_paragraph_is_told_apart():
    found = kinds("It rained for nine days. The river rose. Lantern contributed to this report.")
    assert [kind for kind, _ in found] == ["body", "body", "agency"]
    found = kinds("Lantern contributed to this report. It was long. It had nine parts. It was read by many.")
    assert found[0][0] == "body"


def test_a_dateline_before_the_first_sentence_is_body():
    text = "Rain floods Northaven\n\nNORTHAVEN, 3 May (Lantern) - It rained for nine days, and the river rose."
    assert [kind for kind, _ in kinds(text, "Rain floods Northaven")] == ["headline", "body"]


def test_the_title_is_a_headline_only_where_it_does_not_read_as_a_sentence():
    body = "It was built in 1950 and is of steel. It is painted green."
    assert kinds(f"The old tower\n{body}", "The old tower")[0][0] == "headline"
    assert kinds(f"The tower is 50 m tall.\n{body}", "The tower is 50 m tall.")[0][0] == "body"
    assert kinds(f"“The tower is tall.”\n{body}", "The tower is tall")[0][0] == "body"
    assert kinds("A lone line", "A lone line") == [("body", "A lone line")]


@pytest.mark.parametrize(
    "text",
    [
        "Northaven is a port on the sea.\n\nNorthaven is a port on the sea. It has two bridges.",
        'It is a port.\n\n"It was a port of call for all."\n\nHe wrote: "It was a port of call for all." He left.',
        "नगर बड़ा है\n\nनदी यहाँ है।",
        "Northaven Port\n\nSouthaven Port",
        "مدينة كبيرة على البحر\n\nفيها ميناء قديم وجسران كبيران، ويسكنها خلق كثير.",
    ],
)
def test_an_encyclopedia_keeps_every_sentence_even_one_that_comes_twice(text):
    assert {kind for kind, _ in kinds(text, "Northaven")} == {"body"}


@pytest.mark.parametrize("fence", ["```", "~~~"])
def test_the_marks_of_markdown_tell_kinds(fence):
    text = (
        "# Title\n\nProse here.\n\n## How do I load?\n\n- First thing.\n- Second thing\n\n1. Third thing.\n\n"
        f"{fence}sh\ncitebot load x\n{fence}\n\n> A quoted line.\n\n![alt](x.png)\n\n***\n\n| a | b |\n|---|---|\n| 1 | 2 |\n"
    )
    assert " ".join(kind for kind, _ in kinds(text, "Title")) == (
        "headline body headline list list list other other other body caption other headline other list"
    )


def test_related_stories_end_where_prose_begins_again():
    text = "It rained for nine days.\n\nRelated stories\nFerry sunk\n- Bridge shut\n\nThe river rose by two metres."
    assert [kind for kind, _ in kinds(text)] == ["body", "other", "other", "other", "body"]


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("通车仪式现场。周明 摄", "caption"),
        ("पुल खुलने के दिन की भीड़। फोटो: सुनीता वर्मा", "caption"),
        ("Les bûches sèchent pendant dix jours. Photo : Marc Tissier", "caption"),
        ("Wir verwenden Cookies. Mit Klick auf „Alle akzeptieren“ stimmen Sie zu.", "other"),
        ("Last updated 3 May 2003. You are visitor number 10482.", "other"),
    ],
)
def test_a_line_of_several_sentences_is_of_one_kind(line, kind):
    found = kinds(f"It rained for nine days.\n\n{line}\n\nThe river rose.")
    assert [kind for kind, _ in found] == ["body", kind, kind, "body"]
