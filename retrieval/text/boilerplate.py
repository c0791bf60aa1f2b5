"""Patterns of page furniture, for one paragraph or one sentence: what is not the article's own prose.

Each pattern is one habit of news sites, in the languages in which it was found. Most must match from start to end, so that
a sentence that only mentions a photograph or an agency remains body.
"""

import re


def _any(*alternatives: str) -> re.Pattern[str]:
    return re.compile("|".join(alternatives), re.IGNORECASE)


PHOTO = (
    r"(?:(?:file |archive |handout |stock |cover )?(?:photo(?:graph)?s?|image|picture|illustration|graphic)"
    r"|foto(?:graf[íi]a|graf|s)?|(?:titel|beitrags)?bild(?:er|quelle|nachweis)?|kuva|crédits? photos?|imagen|imagem|fotoğraf|ảnh|φωτογραφία"
    r"|фото|снимок|иллюстрация|צילום|תצלום|تصوير|الصورة|صورة|عکس|फोटो|图片来源|圖片來源|图片|图源|摄影|写真)"
)
CREDITING = r"(?:\s*(?:credits?|by|via|courtesy(?: of)?|cr[ée]dito?|von|de|от))?"
WIRE = (
    r"(?:AP|AFP|EPA|EFE|DPA|ANSA|PA|UPI|IANS|PTI|TASS|ТАСС|РИА Новости|Интерфакс|Reuters|Xinhua|新华社"
    r"|中新社|中新网|رويترز|أ ف ب|وكالات|भाषा|एजेंसी|एजेंसियां|Lusa|DHA|İHA|Belga|APA|Keystone-SDA|Europa Press|Associated Press|Agence France-Presse|Press Association|Bloomberg|Anadolu|Kyodo"
    r"|Getty(?: Images)?|Shutterstock|Wikimedia Commons|Alamy|iStock|picture alliance|imago(?: images)?|Unsplash)"
)
RIGHTS = ("all rights reserved", "alle rechte vorbehalten", "todos los derechos reservados", "все права защищены")

CREDIT = _any(
    rf"[(\[|]?\s*{PHOTO}{CREDITING}(?:\s*[:：/|©]|\s[–—-]\s)\s*[^.!?।。]{{1,100}}(?:\.(?:com|org|net))?\s*[)\]]?",
    r"[(\[]?(?:photo|image|picture|illustration|graphic)s?\s+(?:credits?|courtesy(?: of)?|by|via)\s*:?"
    r"\s*(?-i:[A-ZÀ-Þ@])[^.!?:]{1,80}[)\]]?\.?",
    r"[(\[]?(?:cr[ée]dits?|crédito|source|quelle|fuente|fonte|kaynak|источник|المصدر|स्रोत|来源|來源|出典)\s*[:：]\s*"
    r"[^.!?。]{1,80}[)\]]?",
    r"[(（]?[\u4e00-\u9fff·]{2,6}\s?[摄攝](?:影)?[)）]?",
    rf"[(\[]?{WIRE}[/| ][^.!?]{{0,60}}(?:photo|file|pool|handout)[^.!?]{{0,40}}[)\]]?",
    rf"[(\[]?©\s*[^.!?]{{1,100}}[)\]]?|[^.!?/]{{1,60}}/\s?{WIRE}",
)
CAPTION_END = _any(
    rf"[(\[|]\s*{PHOTO}{CREDITING}\s*[:：©/][^()\[\]]{{1,120}}[)\]]?\s*\.?$",
    rf"[(\[|]\s*{PHOTO}\s+(?:credit|by|courtesy|via)[^()\[\]]{{1,100}}[)\]]?\s*\.?$",
    rf"[(\[]\s*{WIRE}(?:\s+(?:photo|file)[^()\[\]]{{0,80}}|/[^()\[\]]{{1,80}})[)\]]\s*\.?$",
    r"[(\[]\s*(?:(?:file|archive|handout)(?: (?:photo|picture|image))|archivo|archivbild|архив)\s*[)\]]\s*\.?$",
    r"\s(?:photo(?:graph)?|picture|image|foto|fotoğraf|bild|фото|تصوير|צילום|फोटो|图|摄影)(?: credit| by)?\s*[:：]\s*"
    r"[^.!?:。]{1,80}$",
    r"[\s。][(（]?[\u4e00-\u9fff·]{2,6}\s?[摄攝][)）]?$",
)
CAPTION_SIGNS = "([|:：摄攝"  # the end of every caption has one of them
CAPTION_START = _any(
    r"(?:(?:image |photo |picture )?caption|pictured|file (?:photo|image)|archivbild|im bild|symbolbild"
    r"|(?:foto|imagen) de archivo|на фото|на снимке|في الصورة|בתמונה|图为)\s*(?:\([^)]*\))?\s*[:：,]\s",
    r"FILE\s?[-–—]\s|(?:photo|image|foto|фото|bild)\s*:\s",
)
CAPTION_WORDS = _any(
    r"\((?:left|right|centre|center|top|bottom|links|rechts|слева|справа)\)|\bpictured\b|\bfrom left\b"
)

AGENCY = _any(
    r"(?=(?s:.*)contributed )"  # a rare word: to look for it first is five times as fast
    r"[(\[]?(?:[^.!?]|(?<=\b[A-Z])\.){2,90}\bcontributed (?:to (?:this|the) (?:report|story|article)|reporting|from [^.]{2,40})\.?[)\]]?",
    r"[(\[](?:additional |with )?(?:reporting|writing|editing|compiled|translated)[^.!?]{2,160}\.?[)\]]",
    r"(?:additional |with )?(?:reporting|writing|editing) by (?-i:[A-ZÀ-Þ])[\w ,;'’&/-]{2,120}\.?",
    r"[(\[]?this (?:story|article|report|piece) (?:was|has been|is|first|originally)[^.!?]{0,40}"
    r"(?:published|appeared|produced|provided|syndicated|republished|supplied|based on material)[^!?\d]{0,160}",
    r"(?-i:SOURCE [A-Z])[^.!?]{1,80}",
    rf"[(（\[—–-]*\s*(?:with |mit |avec |con |com )?(?:(?:material|files|inputs?|agencies) (?:from )?)?{WIRE}"
    r"(?:\s?[/,;&+][\w. -]{2,30}){0,4}[)）\]]?\.?",
    r"mit (?:material|informationen) (?:von|der|des)\s[^.!?,]{2,40}\.?",
    r"(?:con información de|com informações d.)\s(?-i:[A-ZÀ-Þ])[^.!?,]{2,40}\.?",
    rf"по (?:материалам|информации|сообщениям?) (?:агентства |газеты |сайта )?(?:{WIRE}|[«\"][^»\"]+[»\"])\.?",
    r"(?:источник:|نقلا عن)\s[^.!?,]{2,40}\.?",
    r"(?:copyright (?:©|\(c\)|\d{4})|\(c\)|©).{0,120}",
)
RIGHTS_LINE = _any(rf".{{0,80}}(?:{'|'.join(RIGHTS)})\.?")
BYLINE = _any(
    r"(?:(?:(?:(?:written|reported|words|story) )?by|von|por|par|di|escrito por|מאת|بقلم|كتب)[\s:]"
    r"|autor(?:in|e)?:|haber:|लेखक:|auteur :|автор(?:ы)?:|نویسنده:|作者[:：]|记者[:：]?|文[/／])\s*[^.!?:;]{2,80}(?:(?<=\b\w)\.[^.!?]{2,60})?"
)
CAPITALS = re.compile(r"(?:[A-ZÀ-Þ][A-ZÀ-Þ.'’-]+,? ?){2,4}")
DAY = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?,? )?"
DATE_LINE = _any(
    r"(?:(?:first )?published|updated|last (?:updated|modified)|posted|stand|veröffentlicht|aktualisiert|publicado"
    rf"|actualizado|publié|опубликовано|обновлено|pubblicato|aggiornato|atualizado|yayınlanma|güncelleme|نشر|发布时间|发布于|更新时间|发布|פורסם|प्रकाशित|अपडेट)\s*(?:[:：]|on |at |am |el |le |il |em |في )?\s*{DAY}"
    r"(?:[^\W\d_]{3,10}\.? )?\d.{2,40}(?<![.!?])",
    r"\d{4}年\d{1,2}月\d{1,2}日(?:\s*\d{1,2}[:：]\d\d)?",
    rf"{DAY}(?:\d{{1,2}}(?:st|nd|rd|th|\.)? (?:de )?[^\W\d]{{3,10}}\.?,? (?:del? )?\d{{4}}|[^\W\d]{{3,10}}\.? \d{{1,2}},? \d{{4}}|\d{{4}}-\d\d-\d\d"
    r"|\d{1,2}[./]\d{1,2}[./]\d{4})(?:[ ,|·-]*(?:at )?\d{1,2}[:.]\d\d.{0,12})?",
    r"\d{1,3}[- ]min(?:ute)?s?(?: read)?|(?:reading time|lesezeit|время чтения)\s*:?.{2,15}",
    r"[^\W\d_][\w .'’-]{2,30},\s[^.!?]{0,30}\([\w .'’/-]{2,30}\)\s*[-–—]+",
)
POINTER = _any(
    r"(?:read|see|watch|listen|learn)(?: more| also| next| on)?(?: here)?\s*[:：>»|].{0,200}",
    r"(?:also read|more|related|don't miss|watch now)\s*[:：>»|].{1,200}",
    r"(?:read (?:more|next|also)|see also|continue reading|click here.{0,80}|story continues below.{0,40}"
    r"|scroll (?:down )?to continue.{0,30}|advertisement|anzeige|publicidad|реклама|إعلان|פרסומת|广告)\s*[.:…]?",
    r"(?:lesen sie (?:auch|mehr)|mehr zum thema|weiterlesen|lea también|lee también|leer más|ver también|[lt]e puede interesar|lire aussi"
    r"|czytaj (?:też|także|również)|à lire aussi|voir aussi|leia (?:também|mais)|veja também|saiba mais|leggi anche|guarda anche|شاهد أيض[اً]+|ये भी पढ़ें|читайте также|читать далее|подробнее|по теме|اقرأ أيض[اً]+|إقرأ أيضا"
    r"|اقرأ المزيد|קראו גם|קראו עוד|עוד בנושא|διαβάστε επίσης|ayrıca okuyun|ilgili haber(?:ler)?|citește și|xem thêm"
    r"|đọc thêm|بیشتر بخوانید|यह भी पढ़ें|阅读更多|相关阅读|延伸阅读)\s*[:：>»|].{0,200}",
    r"(?:sign up|subscribe|follow us|join us|download (?:our|the) app|get (?:our|the) newsletter|abonnez-vous|suivez-nous"
    r"|s[íi]guenos|suscríbete|folgen sie uns|folge? uns|iscriviti|seguici|inscreva-se|siga-nos)\b.{0,160}",
    r"(?:tags?|topics?|filed under|categor(?:y|ies)|themen|schlagw[oö]rte?r?|stichworte?|mots[- ]clés|temas|etiquetas|темы|теги)"
    r"\s*[:：].{1,200}",
    r"(?:th(?:is|e) (?:entry|post) was|(?:dieser|der) (?:beitrag|eintrag|artikel) wurde)\b.{0,60}"
    r"\b(?:posted|published|filed|veröffentlicht|geschrieben|abgelegt|eingetragen)\b.{0,80}",
    r"(?:责任编辑|责编|编辑|校对|声明)\s*[:：].{1,160}|our standards\s*:.{1,120}",
    r"(?:(?:media|press) contacts?|news provided by|शेयर करें)\s*:?",
    r"(?:last (?:updated|modified)[^.!?]{2,40}\. )?you are visitor (?:number|no\.?) [\d,.]+",
    r"(?:back to (?:the )?(?:index|top|home(?: ?page)?|contents|news|overview)|nach oben|zurück zur (?:startseite|übersicht)"
    r"|haut de page|retour à l['’]accueil|torna su|volver arriba|voltar ao topo|наверх|başa dön)[.»↑ ]*",
    r"(?:\d+|no|keine?|aucun) (?:comments?|kommentare?|commentaires?)|(?:leave a|post a|add a) comment.{0,20}",
)
COOKIES = _any(
    r"(?=(?s:.*)(?:site|experience|browser|device|consent|accept|policy|privacy|traffic|analy|services|preferences))"
    r"(?:we(?: and our [\w ]{2,30})?|(?:this|our) (?:web)?site|by (?:continuing|using|clicking|browsing))\b[^.!?]{0,120}"
    r"\bcookies?\b.{0,160}",
    r"(?:wir|diese (?:web)?seite|nous|ce site|utilizamos|usamos|este sitio|este site|(?:questo|il nostro) sito|мы|этот сайт"
    r"|наш сайт|نستخدم|يستخدم هذا الموقع|bu site|sitemiz(?:de)?|हम|यह साइट|本网站|本站|我们使用)"
    r"[^.!?。]{0,120}(?:cookie|куки|ملفات تعريف الارتباط|çerez|कुकी)s?.{0,160}",
    r"(?:en (?:poursuivant|continuant) votre navigation|al continuar navegando|продолжая (?:пользоваться|использовать)).{0,160}"
    r"(?:cookie|куки).{0,100}",
)
COOKIE_WORDS = ("куки", "ملفات تعريف", "çerez", "कुकी")
RELATED = _any(
    r"(?:related|more|other|top|latest|recent) (?:news|stories|articles|reading|coverage|links|posts)"
    r"(?: (?:on|from|about) .{1,60})?:?|related:?|more (?:on|from|about) (?:this|the) .{1,40}",
    r"most (?:read|viewed|popular|shared)|you (?:may|might) also (?:like|be interested in):?|recommended(?: for you)?:?"
    r"|editors?['’]?s? picks?|read (?:more|next|also):?|see also:?|trending(?: now)?|what to read next|in other news:?",
    r"mehr zum thema:?|(?:das|dieses?) .{0,20}könnten? (?:sie|dich|euch) auch interessieren:?|auch interessant:?|zum weiterlesen:?"
    r"|schon gelesen\?|(?:mehr|weitere) (?:themen|artikel|beiträge|meldungen|nachrichten)(?: zum thema)?:?|meistgelesen|noticias relacionadas:?|[lt]e puede interesar:?"
    r"|más (?:noticias|leídas)|lo más leído|articles liés|sur le même sujet|notícias relacionadas|читайте также:?"
    r"|по теме:?|похожие новости|материалы по теме|اقرأ أيض[اً]+:?|مواضيع ذات صلة|أخبار ذات صلة|כתבות נוספות"
    r"|עוד בנושא:?|(?:ilgili|benzer) haberler|相关(?:新闻|阅读|报道|推荐)[:：]?|推荐阅读[:：]?|関連記事"
    r"|weitere artikel|ähnliche artikel|lesen sie auch:?|también te puede interesar:?|artículos relacionados|à lire aussi ?:?"
    r"|vous aimerez aussi|articoli correlati|leggi anche:?|potrebbe(?:ro)? interessarti(?: anche)?|leia (?:mais|também):?"
    r"|veja também:?|artigos relacionados|قد يهمك(?: أيض[اً]+)?|شاهد أيض[اً]+:?|संबंधित खबरें|यह भी पढ़ें:?",
)
SHARE_MUST = frozenset(
    re.findall(
        r"\S+",
        """share tweet facebook twitter whatsapp email linkedin print teilen compartir partager поделиться مشاركة فيسبوك
        שתפו שיתוף paylaş 分享 分享到 微信 condividi compartilhar compartilhe udostępnij""",
    )
)
SHARE_WORDS = SHARE_MUST | frozenset(
    re.findall(
        r"\S+",
        """shares retweet x telegram e-mail mail copy link reddit pinterest save messenger flipboard instagram youtube
        viber sms on via this article story the post bookmark listen more bluesky threads mastodon drucken merken
        imprimir guardar вконтакте вк одноклассники تويتر واتساب פייסבוק טוויטר 微博 and or to""",
    )
)
