"""Languages: which one a text is in, its stemmer and its function words.

A question's language comes from its script and its function words alone, because a question is asked far more often
than an article is loaded and the detector used for articles takes 200 ms to import.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Collection
from functools import cache, lru_cache
from itertools import islice

FEW_LETTERS = 20  # the detector guesses wildly at less: "1869 - 193 km" is Malagasy to it
STRETCH = 150  # characters
SURE = 40.0  # log likelihood by which a language leads the next: of 1,366 texts, none whose start misled led by 12
UNSPACED = frozenset({"zh", "ja", "th"})  # written without spaces between words
UNKNOWN = "und"  # ISO 639: undetermined

# The Snowball algorithm of each language that has one.
STEMMERS = {
    "ar": "arabic", "ca": "catalan", "cs": "czech", "da": "danish", "de": "german", "el": "greek", "en": "english",
    "es": "spanish", "et": "estonian", "eu": "basque", "fa": "persian", "fi": "finnish", "fr": "french", "ga": "irish", "hi": "hindi",
    "hu": "hungarian", "hy": "armenian", "id": "indonesian", "it": "italian", "lt": "lithuanian", "ne": "nepali",
    "nl": "dutch", "no": "norwegian", "pl": "polish", "pt": "portuguese", "ro": "romanian", "ru": "russian",
    "sr": "serbian", "sv": "swedish", "ta": "tamil", "tr": "turkish",
}  # fmt: skip

# Words that carry grammar, not a subject. They tell a question's language, and they weigh little in a query.
_FUNCTION_WORDS = {
    "en": """many much more most some other each all any both only very just a an the of in on at to for from by with and or is are was were be been being am do does did done has have
        had having it its this that these those as what which who whom whose when where why how there their they
        them he she his her him i you we us our your me my will would can could should may might shall must than
        then so if but not no into about over also such up any s t don""",
    "ru": """и в во не что он на я с со как а то все она так его но да ты к у же вы за бы по только ее мне было вот от
        меня еще нет о из ему когда даже ну ли если уже или ни быть был него до вас они тут где есть для мы тебя их
        чем была сам чтоб без чего раз тоже себе под будет ж тогда кто этот того потому этого какой какая какое
        какие каком какого каких каким какую совсем ним здесь этом один почти мой тем чтобы нее сколько зачем почему
        куда откуда при об это эта эти которая который которые были является чей чья им ими какими кем ко кого ком
        кому которого которое которой между над обо оно после также чему чье являются""",
    "uk": """і й в у не що він на я з із як а то все вона так його але та ти до же ви за б по тільки її було від ще ні
        про коли якщо вже або бути був вони де є для ми їх хто цей який яка яке які скільки чому куди звідки це ця""",
    "ar": """في من على الى إلى عن مع ما ماذا هل هو هي هم هذا هذه ذلك تلك التي الذي الذين كان كانت يكون تكون قد لقد ثم او
        أو ان أن إن كم كيف متى اين أين لماذا لما أي اي أية لا لم لن بعد قبل بين عند كل غير حتى منذ اذا إذا و ب ل ك
        بماذا لأي بأي ولا وما وهو وهي الي اية بعض بم بما به بها عدد علي عليه عليها فيم فيه فيها كانوا كما لمن له لها
        مما منه منها والتي""",
    "fa": """و در به از که این آن را با است برای بود شد می تا یک چه کدام کجا کی چند چرا چگونه چطور آیا هم یا اما اگر بر
        شده بودند هستند نیست هر دارد داشت کرد کند شود چیست کیست خود او وی آنها ما شما من نه ها های ای آنان ان باشد
        دارند شده‌است می‌شود نام نیز چقدر چی کجاست کدامیک کرده کسی""",
    "he": """של את על הוא היא הם הן זה זו זאת אני אתה אנחנו מה מי איפה היכן מתי למה מדוע איך כיצד כמה איזה איזו אילו האם
        עם אל כי גם או אם לא כן היה היתה הייתה היו יש אין כל רק אבל בין עד לפני אחרי כמו אשר מן אחר אך אלה אלו ב בה
        בו ה ו ידי כ ל לאן לה לו לפי מ מאין מהו מהי מיהו מיהי ש""",
    "es": """el la los las un una unos unas de del en a al por para con sin sobre entre y o u e ni que qué quién quien
        quiénes cuál cuáles cuando cuándo donde dónde como cómo cuánto cuánta cuántos cuántas es son fue fueron era
        eran ser está están ha han había se su sus lo le les me te nos no sí si más pero este esta estos estas ese
        esa eso porque desde hasta hay muy también cual cuales cuanta cuantas cuanto cuantos durante esto haber
        habia mas quienes sido tambien tenia tiene""",
    "pt": """o a os as um uma de do da dos das em no na nos nas por para com sem sobre entre e ou que quem qual quais
        quando onde como quanto quantos quantas é são foi foram era eram ser está se seu sua não mais mas este esta
        isso porque desde até há muito também ao pelo pela""",
    "fr": """le la les l un une des de du d en à au aux par pour avec sans sur dans entre et ou ni que qu qui quoi quel
        quelle quels quelles quand où comment combien pourquoi est sont fut furent était étaient être a ont avait ce
        cet cette ces il elle ils elles on se s sa son ses leur leurs ne n pas plus mais si y c je tu nous vous dont
        aussi avaient avoir depuis est-ce etaient etait ete etre j laquelle lequel lesquels lui t tres""",
    "it": """il lo la i gli le l un uno una di del dello della dei degli delle in nel nella a al alla da dal dalla con
        per su tra fra e o che chi cosa quale quali quando dove come quanto quanti quante è sono fu furono era erano
        essere ha hanno si suo sua non più ma se questo questa perché anche""",
    "de": """der die das den dem des ein eine einer eines einem einen und oder aber nicht kein keine in im an am auf aus
        bei mit nach von vom zu zum zur für über unter vor durch um als wie was wer wem wen wessen wann wo woher
        wohin warum wieso weshalb welche welcher welches welchem welchen wieviel viele ist sind war waren wird
        werden wurde wurden sein hat haben hatte hatten es er sie ihr ihre sich so auch noch nur dass wenn man bis
        diese dieser dieses fur gab gibt ihren kann konnen uber viel worden""",
    "nl": """de het een en of van in op aan te ten ter voor met door bij uit naar over is zijn was waren wordt werd heeft
        had dat die dit deze wat wie waar wanneer waarom hoe welke hoeveel niet geen ook als maar er ze hij zij""",
    "ro": """un o unei unui al a ai ale și sau dar nu în din de la pe cu pentru prin între către ce cine care cui când
        unde cum cât câtă câți câte este e sunt era erau fost fi au avut se să își său sa sale lor lui acest această
        aceste ca mai după până fără despre aceasta acestei acestui are avea aveau cand carei carui cat cata cate
        cati dintre dupa ea ei el ele fiind i ii il in inainte intre isi l le s si unor""",
    "tr": """ve veya ile de da bu şu o bir ne kim kimin kime kimi hangi nerede nereye nereden nere zaman nasıl niçin
        neden kaç kaçı mi mı mu mü için gibi kadar daha en çok olan olarak oldu olmuştur değil var yok idi ise ki
        ama her sonra önce nedir kimdir neler hangisi a dan den dir dır e eden edilen göre i in neresi nin niye nın
        olduğu tarafından tir tır u un vardır ya ye yi ü ün ı ın""",
    "el": """ο η το οι τα του της των τον την τους τις στο στη στην στον στα στους στις σε από με για και ή αλλά δεν μη
        να θα που πού πότε πώς πως ποιος ποια ποιο ποιοι ποιες ποιον ποιους πόσο πόσα πόσοι πόσες τι γιατί είναι
        ήταν έχει έχουν είχε ένας μια μία ένα αυτό αυτή αυτός ως κατά μετά πριν αν απο αυτη αυτο αυτος γιατι ειναι
        ειχε ενα ενας ενος εχει εχουν ηταν κατα μετα μιας οπως ποιων ποσα ποσες ποσο ποσοι ποσους ποτε""",
    "hi": """का की के को में से पर और या है हैं था थी थे हो होता होती होते ने यह वह ये वे इस उस इन उन जो कि क्या कौन
        कौनसा किस किसने किसको किसका किसके कब कहाँ कहां क्यों कैसे कितना कितनी कितने एक भी ही तो नहीं न लिए साथ तक
        द्वारा गया गई गए कर किया करने जाता जाती रहा रही अपने अपनी अपना करता करती करते किन किसकी कुछ जा नाम बाद रूप
        सकता सा सी हुआ हुई हुए""",
    "vi": """là của và các những một trong có được cho với không người này đó ở tại từ đến khi nào gì ai đâu sao bao
        nhiêu thế như để đã đang sẽ bị bởi về theo trên dưới vào ra mà thì hay hoặc cũng nhưng vì do nếu mấy bà con
        cái còn hơn họ lại nhất nó rằng việc ông""",
    "zh": """的 了 是 在 有 和 之 与 及 哪 什 么 吗 呢 多 少 几 谁 为 被 于 怎 样 何 这 那 其 们 个 什么 谁 哪里 何时 为什么 怎么 怎样 如何 多少""",
    "pl": """i w we na z ze do od po o u za przez dla nie że to jest są był była było być się jak co kto gdzie kiedy
        dlaczego ile jaki jaka jakie który która które czy ale lub oraz""",
    "sv": """och i att det som en på är av för med till den har de inte om ett vem vad när var varför hur vilken vilka""",
    "id": """yang dan di ke dari untuk dengan ini itu adalah apa siapa kapan mana mengapa bagaimana berapa pada oleh
        tidak""",
}

_SCRIPTS = {  # the first word of a letter's Unicode name -> the languages told apart within that script
    "CYRILLIC": ("ru", "uk"),
    "ARABIC": ("ar", "fa"),
    "HEBREW": ("he",),
    "GREEK": ("el",),
    "DEVANAGARI": ("hi",),
    "CJK": ("zh",),
    "HIRAGANA": ("ja",),
    "KATAKANA": ("ja",),
    "HANGUL": ("ko",),
    "THAI": ("th",),
    "ARMENIAN": ("hy",),
    "TAMIL": ("ta",),
    "LATIN": ("en", "es", "fr", "de", "it", "pt", "ro", "tr", "vi", "nl", "pl", "sv", "id"),
}
_TELLING = {  # letters that one language of a script has and its neighbours lack
    "fa": "پچژگکی", "uk": "їєґі", "ru": "ыэъё", "es": "ñ¿¡", "de": "ßäöü", "ro": "țţșşăâî", "tr": "ığşİçöü",
    "vi": "đơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ", "pl": "łżźćńęąśó", "sv": "åäö", "pt": "ãõç", "fr": "çœêèùâ",
}  # fmt: skip
_KANA = re.compile("[\u3040-\u30ff]")
_WORD = re.compile(r"[^\W\d_]+")


@cache
def function_words(language: str) -> frozenset[str]:
    """Give the lower-case function words of a language; none are known of many."""
    return frozenset(_FUNCTION_WORDS.get(language, "").split())


@cache
def _script(letter: str) -> str:
    return unicodedata.name(letter, "").split(" ", 1)[0]


def main_script(text: str) -> str:
    """Name the script of most letters of a text ("LATIN", "CJK", ...); empty when it has no letter."""
    if text.isascii():
        return "LATIN" if any(map(str.isalpha, text[:2000])) else ""
    counts = Counter(_script(letter) for letter in text[:2000] if letter.isalpha())
    return counts.most_common(1)[0][0] if counts else ""


def script_of(language: str) -> str:
    """Name the script a language is mainly written in; Latin unless known otherwise."""
    return next((script for script, languages in _SCRIPTS.items() if language in languages), "LATIN")


def detect_question_language(question: str, known: Collection[str] = ()) -> str:
    """Tell a question's language from its script, function words and telling letters.

    `known` are the languages of the store, the commonest first: where the question does not say, it is in the first
    of them with its script. UNKNOWN when no letter tells anything.
    """
    script = main_script(question)
    if not script:
        return next(iter(known), UNKNOWN)
    if script == "CJK" and (_KANA.search(question) or ("ja" in known and "zh" not in known)):
        return "ja"
    here, spoken = _written_in(script, tuple(known))
    words = [word.lower() for word in _WORD.findall(question)]
    scores = _evidence(spoken, words)
    best = max(scores.values(), default=0.0)
    if best <= 0:
        return here[0] if here else (spoken[0] if len(spoken) == 1 else UNKNOWN)
    return next(language for language, score in scores.items() if score == best)


@lru_cache(maxsize=64)
def _written_in(script: str, known: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Give the languages of a script: those of the store, and all among which a question in it is told, those first."""
    here = tuple(language for language in known if script_of(language) == script)
    # Beside a store's language of which no function words are known, a chance word of another would decide.
    others = _SCRIPTS.get(script, ()) if all(map(function_words, here)) else ()
    return here, tuple(dict.fromkeys([*here, *others]))


def _evidence(languages: tuple[str, ...], words: list[str]) -> dict[str, float]:
    """Count the words of a question that speak for each language: function words, and half for telling letters."""
    speakers, scores = _speakers(languages), dict.fromkeys(languages, 0.0)
    for word in words:
        for language in speakers.get(word, ()):
            scores[language] += 1.0
        for language in () if word.isascii() else languages:
            if language not in speakers.get(word, ()) and not _telling(language).isdisjoint(word):
                scores[language] += 0.5
    return scores


@cache
def _speakers(languages: tuple[str, ...]) -> dict[str, list[str]]:
    """Give the languages, of those named, by their function words."""
    found: dict[str, list[str]] = {}
    for language in languages:
        for word in function_words(language):
            found.setdefault(word, []).append(language)
    return found


@cache
def _telling(language: str) -> frozenset[str]:
    return frozenset(_TELLING.get(language, ""))


def detect_article_language(text: str) -> str:
    """Tell the language of an article's text (its first 3,000 characters); UNKNOWN when too few letters tell.

    Three short stretches of it nearly always tell: the whole of it costs three times as much and is read where they do not.
    """
    start = text[:3000]
    if sum(1 for _ in islice(filter(str.isalpha, start), FEW_LETTERS)) < FEW_LETTERS:
        return detect_question_language(start)
    from py3langid.langid import classify, rank  # noqa: PLC0415 - 230 ms to import, needed only where articles are loaded

    middle = len(start) // 2
    (language, first), (_, second), *_ = rank(
        f"{start[:STRETCH]} {start[middle : middle + STRETCH]} {start[-STRETCH:]}"
    )
    return str(language if first - second >= SURE else classify(start)[0])
