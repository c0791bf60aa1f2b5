"""What was typed -> whether it is a question at all."""

from functools import cache

from retrieval.records import Intent
from retrieval.text.analyzer import Analyzer, normalize

_GREETINGS = """
    hi|hello|hey|hi there|hello there|hey there|good morning|good afternoon|good evening|good day|greetings|howdy|how are you|
    hello how are you|hi how are you|good night|bye|goodbye|see you|
    привет|здравствуйте|здравствуй|добрый день|доброе утро|добрый вечер|как дела|пока|до свидания|спокойной ночи|
    مرحبا|السلام عليكم|سلام|سلام عليكم|صباح الخير|مساء الخير|اهلا|أهلا|أهلا وسهلا|كيف حالك|مع السلامة|
    درود|صبح بخیر|خداحافظ|حال شما چطور است|
    שלום|בוקר טוב|ערב טוב|היי|מה שלומך|להתראות|
    hola|buenos días|buenas tardes|buenas noches|buenas|qué tal|cómo estás|adiós|hasta luego|
    bonjour|salut|bonsoir|coucou|ça va|comment ça va|au revoir|
    hallo|guten tag|guten morgen|guten abend|moin|servus|grüß gott|wie geht es dir|tschüss|auf wiedersehen|
    ciao|buongiorno|buonasera|salve|come stai|olá|oi|bom dia|boa tarde|boa noite|tudo bem|
    merhaba|selam|günaydın|iyi günler|iyi akşamlar|nasılsın|hoşça kal|
    γεια|γεια σου|γεια σας|καλημέρα|καλησπέρα|καληνύχτα|τι κάνεις|
    bună|salut|bună ziua|bună dimineața|bună seara|ce mai faci|
    नमस्ते|नमस्कार|हैलो|हाय|सुप्रभात|आप कैसे हैं|xin chào|chào|chào bạn|chào buổi sáng|你好|您好|早上好|晚上好|早安|嗨|再见
"""
_THANKS = """
    thanks|thank you|thank you very much|many thanks|thanks a lot|thx|ty|cheers|great thanks|ok thanks|thank you so much|
    спасибо|большое спасибо|благодарю|спасибо большое|شكرا|شكرا جزيلا|شكرا لك|ممنون|متشکرم|مرسی|سپاس|خیلی ممنون|
    תודה|תודה רבה|gracias|muchas gracias|merci|merci beaucoup|danke|vielen dank|danke schön|dankeschön|grazie|
    grazie mille|obrigado|obrigada|teşekkürler|teşekkür ederim|sağ ol|ευχαριστώ|σας ευχαριστώ|ευχαριστώ πολύ|
    mulțumesc|mersi|mulțumesc mult|धन्यवाद|शुक्रिया|cảm ơn|cám ơn|cảm ơn bạn|谢谢|多谢|谢谢你
"""
_LONGEST = 40  # characters; a longer text is no mere greeting


def intent_of(text: str) -> Intent:
    """Tell a question from a greeting, from thanks and from a text without a word."""
    if next(_plain.tokens(text), None) is None:
        return Intent.EMPTY
    if len(text.strip()) > _LONGEST:
        return Intent.QUESTION
    words = _words(text[: _LONGEST + 1])
    if words in _phrases(_GREETINGS):
        return Intent.GREETING
    return Intent.THANKS if words in _phrases(_THANKS) else Intent.QUESTION


@cache
def _phrases(listed: str) -> frozenset[tuple[str, ...]]:
    return frozenset(_words(phrase) for phrase in listed.split("|"))


def _words(text: str) -> tuple[str, ...]:
    """Give the words of a text, accents folded as people leave them out on a phone."""
    return tuple(normalize(token.word, "") for token in _plain.tokens(text))


_plain = Analyzer("")
