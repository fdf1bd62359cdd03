package edtf

import (
	"strings"
	"sync"
)

// itemKind is what an item of a text can mean.
type itemKind uint8

const (
	itemNone itemKind = iota
	itemNumber
	itemWord // a word that is not in the vocabulary
	itemSign
	itemFiller // says nothing: articles, "on", "the month of"
	itemMonth
	itemWeekday
	itemSeason
	itemDecade      // the years 2020; also a unit of time
	itemPlural      // the s of 2020s
	itemOrdinal     // the th of 10th
	itemApproximate // about
	itemUncertain   // maybe
	itemBoth        // %
	itemBefore      // leaves out what is named
	itemAtLatest
	itemAfter // leaves out what is named
	itemAtEarliest
	itemBetween
	itemFrom
	itemTo
	itemAt // before a time of day; also "to": 10 avril à 18h, de mars à avril
	itemAnd
	itemPart // n: 1 early, 2 mid, 3 late
	itemDay  // a day from the day of reference: n days later
	itemUnit // n: 1 day, 2 week, 3 month, 4 year
	itemPair // the Arabic dual: two of the unit n
	itemOne  // one, as a word
	itemAgo  // before or after a number of units
	itemLast
	itemThis
	itemUnknown
	itemHour
	itemClock // a time of day that has a name: n is its hour
	itemMorning
	itemEvening
	itemUTC
	itemNoDay
	itemNoMonth
	itemNoMonthOrDay
)

const (
	unitDay = iota + 1
	unitWeek
	unitMonth
	unitYear
)

const (
	partEarly = iota + 1
	partMid
	partLate
)

// vocabulary is what the words of the three languages mean, by their folded
// form. Arabic as in Morocco comes with the names of the Levant and the Gulf.
var vocabulary = sync.OnceValue(func() map[string]item {
	out := map[string]item{}
	add := func(kind itemKind, n int, phrases string) {
		for phrase := range strings.SplitSeq(phrases, "|") {
			key := strings.NewReplacer("'", " ", "-", " ").Replace(foldText(phrase))
			out[key] = item{kind: kind, n: n, digits: n} // digits: of a number in words
		}
	}
	addCalendar(add)
	addRelations(add)
	addRelative(add)
	addClock(add)
	return out
})

func addCalendar(add func(kind itemKind, n int, phrases string)) {
	for i, names := range [...]string{
		"janvier|janv|jan|january|يناير|كانون الثاني|جانفي",
		"février|févr|fév|february|feb|فبراير|شباط|فيفري",
		"mars|march|mar|مارس|آذار",
		"avril|avr|april|apr|أبريل|إبريل|نيسان|أفريل",
		"mai|may|ماي|مايو|أيار|ماي أيار",
		"juin|june|jun|يونيو|يونيه|حزيران|جوان",
		"juillet|juill|juil|july|jul|يوليوز|يوليو|يوليه|تموز|جويلية",
		"août|august|aug|غشت|أغسطس|آب|أوت",
		"septembre|sept|september|sep|شتنبر|سبتمبر|أيلول",
		"octobre|oct|october|أكتوبر|تشرين الأول",
		"novembre|nov|november|نونبر|نوفمبر|تشرين الثاني",
		"décembre|déc|december|dec|دجنبر|ديسمبر|كانون الأول",
	} {
		add(itemMonth, i+1, names)
	}
	for i, names := range [...]string{
		"dimanche|sunday|sun|الأحد", "lundi|monday|mon|الاثنين|اثنين", "mardi|tuesday|tue|tues|الثلاثاء|الثلاثا",
		"mercredi|wednesday|wed|الأربعاء|الأربعا", "jeudi|thursday|thu|thurs|الخميس", "vendredi|friday|fri|الجمعة",
		"samedi|saturday|sat|السبت",
	} {
		add(itemWeekday, i, names)
	}
	for i, names := range [...]string{
		"printemps|spring|ربيع|الربيع", "été|summer|صيف|الصيف", "automne|autumn|fall|خريف|الخريف", "hiver|winter|شتاء|الشتاء",
	} {
		add(itemSeason, spring+i, names)
	}
	add(itemDecade, unitYear, "années|years|السنوات|سنوات|عقد|les années|the years")
	add(itemPlural, 0, "s")
	add(itemNumber, 1, "premier|first|أول|فاتح|الفاتح")
	add(itemOrdinal, 0, "er|st|nd|rd|th|e|ème|eme|re")
	add(itemNoDay, 0, "jour non précisé|day not specified|اليوم غير محدد|jour inconnu|day unknown")
	add(itemNoMonth, 0, "mois non précisé|month not specified|الشهر غير محدد|mois inconnu|month unknown")
	add(itemNoMonthOrDay, 0, "mois et jour non précisés|month and day not specified|الشهر واليوم غير محددين")
}

func addRelations(add func(kind itemKind, n int, phrases string)) {
	add(itemFiller, 0, "le|la|les|l|en|dans|dans les|on|in|the|of|dated|daté du|daté|date|date du|courant|au cours de|au cours du|during|"+
		"au mois de|au mois d|le mois de|le mois d|mois de|mois d|month of|في|خلال|بتاريخ|تاريخ|من شهر|من سنة|من عام|لعام|لسنة")
	add(itemApproximate, 0, "vers|environ|autour de|autour du|approximativement|approximatif|approximative|aux alentours de|aux alentours du|aux environs de|aux environs du|à peu près|"+
		"about|around|circa|ca|c|approx|approximately|approximate|roughly|حوالي|نحو|قرابة|تقريبا|تقريبي|زهاء")
	add(itemUncertain, 0, "peut-être|probablement|sans doute|incertain|incertaine|possiblement|à confirmer|"+
		"maybe|perhaps|possibly|probably|uncertain|unsure|ربما|غير مؤكد|غير مؤكدة|لعله|على الأرجح|من المحتمل")
	add(itemBefore, 0, "avant|before|prior to|قبل|ما قبل|avant le|avant la")
	add(itemAtLatest, 0, "au plus tard|jusqu'à|jusqu'au|jusqu'en|jusque|at the latest|at latest|no later than|not later than|by|until|till|up to|"+
		"على أبعد تقدير|على أقصى تقدير|كأقصى تقدير|في أجل أقصاه|بحلول")
	add(itemAfter, 0, "après|after|بعد|ما بعد")
	add(itemAtEarliest, 0, "depuis|à partir de|à partir du|à partir d|à compter de|à compter du|dès|au plus tôt|since|starting|starting from|at the earliest|no earlier than|not before|"+
		"منذ|ابتداء من|انطلاقا من|اعتبارا من|بدءا من|على أقرب تقدير")
	add(itemBetween, 0, "entre|between|بين|ما بين")
	add(itemFrom, 0, "de|du|des|d")
	add(itemFrom, 1, "from|من")
	add(itemTo, 0, "au|aux|to|through|thru|إلى|حتى|إلى غاية|الى غايه")
	add(itemAt, 0, "à|at")
	add(itemAt, 1, "الساعة|على الساعة|في الساعة|في تمام الساعة")
	add(itemAnd, 0, "et|and|و")
	add(itemPart, partEarly, "début|au début|au début de|au début du|au début d|début de|beginning|beginning of|the beginning of|early|start of|the start of|أوائل|مطلع|بداية")
	add(itemPart, partMid, "mi|à la mi|milieu|milieu de|au milieu de|mid|middle of|the middle of|منتصف|أواسط|وسط")
	add(itemPart, partLate, "fin|à la fin|à la fin de|à la fin du|fin de|end of|the end of|late|end|أواخر|نهاية|متم")
	add(itemUnknown, 0, "inconnue|inconnu|non précisée|non précisé|non communiquée|non communiqué|pas connue|indéterminée|sans date|s d|n d|"+
		"unknown|not stated|not known|not given|unspecified|undated|n a|none|"+
		"غير معروف|غير معروفة|غير معلوم|غير معلومة|غير محدد|غير محددة|غير مذكور|غير مذكورة|مجهول|مجهولة|بدون تاريخ")
}

func addRelative(add func(kind itemKind, n int, phrases string)) {
	add(itemDay, 0, "aujourd'hui|ce jour|today|اليوم|هذا اليوم")
	add(itemDay, -1, "hier|yesterday|أمس|البارحة|يوم أمس|بالأمس")
	add(itemDay, -2, "avant-hier|the day before yesterday|day before yesterday|أول أمس|أول البارحة|قبل أمس")
	add(itemDay, 1, "demain|tomorrow|غدا")
	add(itemUnit, unitDay, "jour|jours|day|days|يوم|يوما|أيام")
	add(itemUnit, unitWeek, "semaine|semaines|week|weeks|أسبوع|الأسبوع|أسابيع|أسبوعا")
	add(itemUnit, unitMonth, "mois|month|months|شهر|الشهر|أشهر|شهرا|شهور")
	add(itemUnit, unitYear, "an|ans|année|year|سنة|عام|السنة|العام|أعوام|سنين")
	add(itemPair, unitDay, "يومين")
	add(itemPair, unitWeek, "أسبوعين")
	add(itemPair, unitMonth, "شهرين")
	add(itemPair, unitYear, "سنتين|عامين")
	add(itemOne, 1, "un|une|one")
	add(itemAgo, 0, "il y a|voici|voilà|ago")
	add(itemLast, 0, "dernier|dernière|passé|passée|last|past|الماضي|الماضية|المنصرم|المنصرمة|الفائت")
	add(itemThis, 0, "cette|ce|this|هذا|هذه|الحالي|الجاري|الحالية|الجارية|ci")
}

func addClock(add func(kind itemKind, n int, phrases string)) {
	add(itemHour, 0, "h|hr|hrs|heure|heures|o'clock")
	add(itemClock, 12, "midi|noon|midday|الظهر|منتصف النهار")
	add(itemClock, 0, "minuit|midnight|منتصف الليل")
	add(itemMorning, 0, "am|a m|صباحا|du matin|in the morning")
	add(itemEvening, 0, "pm|p m|مساء|du soir|in the evening|de l'après-midi|بعد الزوال|ليلا")
	add(itemFiller, 0, "min|mn|minutes|دقيقة")
	add(itemUTC, 0, "utc|gmt|z|تغ|غرينيتش")
	add(itemFiller, 0, "heure locale|heure du maroc|heure de rabat|heure marocaine|local time|morocco time|بالتوقيت المحلي|بتوقيت المغرب")
}
