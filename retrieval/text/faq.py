"""Lines of questions and their answers, such as "Q: How long is it?" and "A: Nine metres"."""

import re

_QUESTION_WORDS = (
    "question|frage|pregunta|domanda|pergunta|вопрос|питання|pytanie|vraag|fråga|spørgsmål|soru|întrebare|ερώτηση"
    "|سؤال|سوال|پرسش|שאלה|प्रश्न|hỏi|câu hỏi|问|問|问题|問題|質問|질문"
)
_ANSWER_WORDS = (
    "answer|antwort|réponse|respuesta|risposta|resposta|ответ|відповідь|odpowiedź|antwoord|svar|cevap|yanıt|răspuns"
    "|απάντηση|جواب|الجواب|پاسخ|תשובה|उत्तर|đáp|trả lời|答|答案|回答|답|답변"
)
_OTHER_INITIALS = "FPDVSВ"  # Frage, pregunta, domanda, vraag, soru, вопрос: of a question only if the line asks
_NUMBER = r" ?\d{0,3} ?"
_ASKS = r"[?？؟][\"'”»)\]*_]*"
_PREFIX = re.compile(rf"[*_]{{0,3}}(?:[Q{_OTHER_INITIALS}]|(?i:{_QUESTION_WORDS})){_NUMBER}[:：.)][*_]{{0,3}}\s*")
_QUESTION = re.compile(
    rf"[*_]{{0,3}}(?:(?:Q|(?i:{_QUESTION_WORDS})){_NUMBER}(?:[:：.)].*{_ASKS}|[:：](?=[^?？؟]*$).*\w.*)"
    rf"|[{_OTHER_INITIALS}]{_NUMBER}[:：].*{_ASKS})"
)
_ANSWER = rf"[*_]{{0,3}}(?:[ARCОО]|(?i:{_ANSWER_WORDS})){_NUMBER}[:：.)][*_]{{0,3}}\s*\S"
ANSWER = re.compile(_ANSWER)
_QUESTION_WITH_ANSWER = re.compile(rf"(.*?{_ASKS})\s+{_ANSWER}")
INITIALS = frozenset(f"Q{_OTHER_INITIALS}*_") | {
    initial for word in _QUESTION_WORDS.split("|") for initial in (word[0], word[0].upper())
}


def end_of_question(line: str) -> int:
    """Return where the question ends that a stripped line begins with, 0 if it begins with none."""
    if line[:1] not in INITIALS:  # most lines
        return 0
    both = _QUESTION_WITH_ANSWER.match(line) if _PREFIX.match(line) else None
    return both.end(1) if both else len(line) if _QUESTION.fullmatch(line) else 0


def bare_question(text: str) -> str:
    """Return a question without what marks it as one."""
    return _PREFIX.sub("", text, count=1).rstrip("*_")
