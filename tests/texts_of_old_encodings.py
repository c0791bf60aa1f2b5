"""Texts in the languages of encodings from before Unicode."""

TEXTS = {
    "pl": "Stara piekarnia przy rynku piecze chleb żytni od ośmiu pokoleń. Właścicielka, pani Grażyna Wójcik, wstaje o trzeciej "
    "nad ranem. Jej córka uczyła się rzemiosła w Łodzi, a później w Gdańsku. Bochenek waży kilogram i kosztuje siedem złotych, "
    "więc kolejka ciągnie się aż do kościoła. Mąka przyjeżdża z młyna nad Wisłą.",
    "cs": "Stará pekárna na náměstí peče žitný chléb už osm generací. Majitelka paní Růžena Dvořáková vstává ve tři hodiny ráno. "
    "Její dcera se řemeslu učila v Plzni a později v Českých Budějovicích. Bochník váží kilogram a stojí čtyřicet korun, takže "
    "fronta sahá až ke kostelu. Mouku vozí z mlýna u řeky.",
    "sk": "Stará pekáreň na námestí pečie ražný chlieb už osem generácií. Majiteľka pani Ľudmila Kováčová vstáva o tretej ráno. "
    "Jej dcéra sa remeslo učila v Žiline a neskôr v Košiciach. Bochník váži kilogram a stojí dve eurá, takže rad siaha až ku "
    "kostolu. Múku vozia z mlyna pri rieke.",
    "hu": "A főtéri régi pékség nyolc nemzedék óta süti a rozskenyeret. Tulajdonosa, Szűcs Józsefné hajnali háromkor kel. A lánya "
    "Győrben, később Szegeden tanulta a mesterséget. Egy cipó egy kiló, és hétszáz forintba kerül, ezért a sor egészen a "
    "templomig ér. A lisztet a folyó menti malomból hozzák.",
    "ro": "Vechea brutărie din piaţă coace pâine de secară de opt generaţii. Proprietara, doamna Ştefania Ţurcanu, se trezeşte la "
    "ora trei dimineaţa. Fiica ei a învăţat meseria la Iaşi şi mai târziu la Timişoara. O pâine cântăreşte un kilogram şi costă "
    "zece lei, aşa că oamenii stau la rând până la biserică.",
    "hr": "Stara pekara na trgu već osam naraštaja peče raženi kruh. Vlasnica, gospođa Željka Šimić, ustaje u tri sata ujutro. "
    "Njezina je kći zanat učila u Čakovcu, a poslije u Đakovu. Štruca teži kilogram i stoji dva eura, pa red seže sve do crkve. "
    "Brašno dovoze iz mlina uz rijeku.",
    "sr-latin": "Stara pekara na trgu već osam generacija mesi ražani hleb. Vlasnica, gospođa Živka Đorđević, ustaje u tri sata "
    "ujutru. Njena ćerka je zanat učila u Čačku, a posle u Šapcu. Vekna je teška kilogram i košta sto dinara, pa se čeka u redu "
    "sve do crkve. Brašno dovoze iz mlina pored reke.",
    "sl": "Stara pekarna na trgu že osem rodov peče rženi kruh. Lastnica, gospa Žužana Črnič, vstaja ob treh zjutraj. Njena hči "
    "se je obrti učila v Škofji Loki, pozneje pa v Celju. Hlebec tehta kilogram in stane tri evre, zato vrsta sega vse do "
    "cerkve. Moko vozijo iz mlina ob reki.",
    "de": "Die alte Bäckerei am Markt backt seit acht Geschlechtern Roggenbrot. Ihre Besitzerin, Frau Jörgensen, steht früh um "
    "drei auf. Ihre Tochter lernte das Handwerk in Köln und später in Zürich. Ein Laib wiegt ein Kilo und kostet fünf Franken, "
    "also reicht die Schlange bis zur Kirche. Das Mehl kommt aus der Mühle am Fluß.",
    "fr": "La vieille boulangerie de la place cuit du pain de seigle depuis huit générations. La propriétaire, Mme Hélène Lefèvre, "
    "se lève à trois heures. Sa fille a appris le métier à Besançon, puis à Nîmes. Une miche pèse un kilo et coûte cinq francs ; "
    "la queue va jusqu'à l'église. La farine arrive du moulin d'à côté, où l'on moud très tôt.",
    "es": "La vieja panadería de la plaza hornea pan de centeno desde hace ocho generaciones. La dueña, doña Begoña Núñez, se "
    "levanta a las tres de la mañana. Su hija aprendió el oficio en Logroño y más tarde en Málaga. ¿Cuánto cuesta una hogaza? "
    "Pesa un kilo y vale cinco euros, así que la cola llega hasta la iglesia.",
    "pt": "A velha padaria da praça coze pão de centeio há oito gerações. A dona, a senhora Conceição Simões, levanta-se às três da "
    "manhã. A filha aprendeu o ofício em Évora e depois em Guimarães. Um pão pesa um quilo e custa cinco euros, por isso a fila "
    "chega até à igreja.",
    "sv": "Det gamla bageriet vid torget har bakat rågbröd i åtta släktled. Ägaren, fru Åsa Sjöberg, stiger upp klockan tre på "
    "natten. Hennes dotter lärde sig yrket i Malmö och senare i Göteborg. En limpa väger ett kilo och kostar femtio kronor, så "
    "kön når ända fram till kyrkan.",
    "is": "Gamla bakaríið við torgið hefur bakað rúgbrauð í átta ættliði. Eigandinn, Þórdís Björnsdóttir, fer á fætur klukkan "
    "þrjú. Dóttir hennar lærði iðnina á Akureyri og síðar á Ísafirði. Brauðið vegur eitt kíló og kostar þúsund krónur, svo að "
    "röðin nær alla leið að kirkjunni.",
    "ru": "Старая пекарня на площади печёт ржаной хлеб уже восемь поколений. Хозяйка, Прасковья Егоровна, встаёт в три часа "
    "ночи. Её дочь училась ремеслу в Ярославле, а потом в Вологде. Буханка весит килограмм и стоит сто рублей, поэтому очередь "
    "тянется до самой церкви. Муку привозят с мельницы у реки.",
    "uk": "Стара пекарня на майдані вже вісім поколінь пече житній хліб. Власниця, пані Євдокія Їжакевич, встає о третій ночі. Її "
    "донька вчилася ремесла у Львові, а згодом у Чернігові. Буханець важить кілограм і коштує сорок гривень, тож черга сягає "
    "аж до церкви. Борошно привозять із млина над річкою.",
    "bg": "Старата пекарна на площада пече ръжен хляб вече осем поколения. Собственичката, госпожа Цветана Ангелова, става в три "
    "часа през нощта. Нейната дъщеря е учила занаята в Пловдив, а по-късно във Велико Търново. Самунът тежи килограм и струва три "
    "лева, затова опашката стига чак до църквата.",
    "sr": "Стара пекара на тргу већ осам генерација меси ражани хлеб. Власница, госпођа Живка Ђорђевић, устаје у три сата ујутру. "
    "Њена ћерка је занат учила у Чачку, а после у Шапцу. Векна је тешка килограм и кошта сто динара, па се чека у реду све до "
    "цркве. Брашно довозе из млина поред реке.",
    "be": "Старая пякарня на плошчы ўжо восем пакаленняў пячэ жытні хлеб. Гаспадыня, спадарыня Ганна Якубоўская, устае а трэцяй "
    "гадзіне ночы. Яе дачка вучылася рамяству ў Магілёве, а потым у Гародні. Бохан важыць кілаграм і каштуе тры рублі, таму "
    "чарга цягнецца аж да царквы.",
    "el": "Ο παλιός φούρνος της πλατείας ψήνει ψωμί σίκαλης εδώ και οκτώ γενιές. Η ιδιοκτήτρια, η κυρία Ευθυμία Ξανθοπούλου, "
    "σηκώνεται στις τρεις τη νύχτα. Η κόρη της έμαθε την τέχνη στη Θεσσαλονίκη και ύστερα στα Χανιά. Ένα καρβέλι ζυγίζει ένα "
    "κιλό και κοστίζει τρία ευρώ, γι' αυτό η ουρά φτάνει ως την εκκλησία.",
    "tr": "Meydandaki eski fırın sekiz kuşaktır çavdar ekmeği pişiriyor. Sahibi Gülşen Yıldırım sabahın üçünde kalkıyor. Kızı "
    "mesleği Eskişehir'de, sonra da Diyarbakır'da öğrendi. Bir somun bir kilo geliyor ve elli lira ediyor, bu yüzden kuyruk "
    "camiye kadar uzuyor. Un, ırmak kıyısındaki değirmenden geliyor.",
    "he": "המאפייה הישנה שבכיכר אופה לחם שיפון כבר שמונה דורות. בעלת המקום, הגברת שולמית אברהמי, קמה בשלוש לפנות בוקר. בתה למדה את "
    "המקצוע בצפת ואחר כך בבאר שבע. כיכר שוקלת קילוגרם ועולה עשרים שקלים, ולכן התור מגיע עד בית הכנסת. את הקמח מביאים מן הטחנה "
    "שעל גדת הנחל.",
    "ar": "يخبز الفرن القديم في الساحة خبز الشعير منذ ثمانية أجيال. تستيقظ صاحبته السيدة فاطمة الزهراوي في الساعة الثالثة صباحا. "
    "تعلمت ابنتها المهنة في حلب ثم في طرابلس. يزن الرغيف كيلوغراما واحدا وثمنه خمسة دراهم، ولذلك يصل الطابور إلى باب المسجد. "
    "يأتي الطحين من المطحنة المجاورة للنهر.",
    "fa": "نانوايي قديمي ميدان هشت نسل است که نان جو مي‌پزد. صاحب آن، خانم پروين گودرزي، ساعت سه بامداد بيدار مي‌شود. دختر او اين "
    "پيشه را در شيراز و سپس در کرمان آموخت. هر نان يک کيلو وزن دارد و قيمت آن چهل تومان است، براي همين صف تا مسجد مي‌رسد.",
    "lt": "Senoji kepykla aikštėje jau aštuonias kartas kepa ruginę duoną. Jos šeimininkė ponia Živilė Šeškauskienė keliasi trečią "
    "valandą nakties. Jos duktė amato mokėsi Šiauliuose, o vėliau Panevėžyje. Kepalas sveria kilogramą ir kainuoja tris eurus, "
    "todėl eilė nusidriekia iki bažnyčios.",
    "lv": "Vecā maiznīca laukumā jau astoņas paaudzes cep rudzu maizi. Tās īpašniece Šarlote Žagariņa ceļas trijos naktī. Viņas "
    "meita amatu mācījās Cēsīs un vēlāk Jēkabpilī. Kukulis sver kilogramu un maksā trīs eiro, tāpēc rinda stiepjas līdz "
    "baznīcai. Miltus ved no dzirnavām pie upes.",
    "et": "Vana pagariäri turuplatsil on rukkileiba küpsetanud juba kaheksa põlve. Perenaine Õnnela Šmidt tõuseb kell kolm öösel. "
    "Tema tütar õppis ametit Pärnus ja hiljem Põltsamaal. Leivapäts kaalub kilo ja maksab kolm eurot, nii et järjekord ulatub "
    "kirikuni välja. Jahu tuuakse jõeäärsest veskist.",
    "vi": "Lò bánh cũ ở quảng trường đã nướng bánh mì suốt tám đời. Bà chủ thức dậy lúc ba giờ sáng. Con gái bà học nghề ở Huế rồi "
    "ra Hải Phòng. Mỗi ổ nặng một cân và giá hai mươi nghìn đồng, vì thế người ta xếp hàng đến tận nhà thờ.",
    "zh-hans": "广场上的老面包房已经烤了八代黑麦面包。店主王秀英女士每天凌晨三点起床。她的女儿先在苏州，后来在杭州学会了这门手艺。"
    "一个面包重一公斤，卖二十元，所以队伍一直排到教堂门口。面粉是从河边的磨坊运来的。",
    "zh-hant": "廣場上的老麵包店已經烤了八代黑麥麵包。店主王秀英女士每天凌晨三點起床。她的女兒先在臺南，後來在臺中學會了這門手藝。"
    "一個麵包重一公斤，賣八十元，所以隊伍一直排到教堂門口。麵粉是從河邊的磨坊運來的。",
    "ja": "広場の古いパン屋は八代にわたってライ麦パンを焼いている。店主の山本千代さんは毎朝三時に起きる。娘さんは金沢で、"
    "そのあと函館でこの仕事を学んだ。一つの重さは一キロ、値段は六百円で、行列は教会の前まで続く。粉は川沿いの水車小屋から届く。",
    "ko": "광장의 오래된 빵집은 여덟 대에 걸쳐 호밀빵을 굽고 있다. 주인 김영숙 씨는 매일 새벽 세 시에 일어난다. 그의 딸은 전주에서, "
    "그리고 나중에는 부산에서 이 일을 배웠다. 빵 한 덩이는 일 킬로그램이고 값은 육천 원이라 줄이 교회 앞까지 이어진다.",
    "th": "ร้านขนมปังเก่าแก่ที่จัตุรัสอบขนมปังข้าวไรย์มาแปดชั่วอายุคนแล้ว เจ้าของร้านคือคุณสมศรี ตื่นนอนตอนตีสามทุกวัน "
    "ลูกสาวของเธอเรียนวิชานี้ที่เชียงใหม่และต่อมาที่ขอนแก่น ขนมปังหนึ่งก้อนหนักหนึ่งกิโลกรัมราคาแปดสิบบาท คนจึงต่อแถวยาวไปถึงวัด",
}  # fmt: skip

ENCODINGS = {
    "cp1250": "pl cs sk hu ro hr sr-latin sl de",
    "cp1251": "ru uk bg sr be",
    "cp1252": "de fr es pt sv is",
    "cp1253": "el",
    "cp1254": "tr",
    "cp1255": "he",
    "cp1256": "ar fa",
    "cp1257": "lt lv et pl",
    "koi8-r": "ru",
    "koi8-u": "uk ru",
    "cp866": "ru",
    "gbk": "zh-hans zh-hant",
    "gb18030": "zh-hans zh-hant",
    "big5": "zh-hant",
    "cp932": "ja",
    "shift-jis": "ja",
    "euc-jp": "ja",
    "euc-kr": "ko",
    "cp949": "ko",
    "tis-620": "th",
    "cp874": "th",
    "iso8859-2": "pl cs hu sl hr",
    "iso8859-5": "ru bg sr",
    "iso8859-7": "el",
    "iso8859-9": "tr",
    "iso8859-13": "lt lv",
    "iso8859-15": "fr",
    "cp850": "de fr es",
    "cp437": "de fr es",
    "cp852": "pl cs hu",
    "mac-roman": "de fr",
    "mac-cyrillic": "ru",
}


def cases():
    """Yield each encoding with each language that is written in it."""
    for encoding, languages in ENCODINGS.items():
        yield from ((encoding, language) for language in languages.split())
