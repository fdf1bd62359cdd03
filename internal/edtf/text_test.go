package edtf_test

import (
	"testing"

	"github.com/sijil/sijil/internal/edtf"
)

var styles = []edtf.Style{edtf.Long, edtf.Full, edtf.Short, edtf.DayMonth}

func TestTextStyles(t *testing.T) {
	tests := []struct {
		in    string
		style edtf.Style
		fr    string
		ar    string
		en    string
	}{
		{"2025-04-08", edtf.Full, "mardi 8 avril 2025", "الثلاثاء 8 أبريل 2025", "Tuesday 8 April 2025"},
		{"2025-04-08", edtf.Long, "8 avril 2025", "8 أبريل 2025", "8 April 2025"},
		{"2025-04-08", edtf.Short, "8 avr. 2025", "8 أبريل 2025", "8 Apr 2025"},
		{"2025-04-08", edtf.DayMonth, "8 avril", "8 أبريل", "8 April"},
		{"2025-04-08", edtf.Style(99), "8 avril 2025", "8 أبريل 2025", "8 April 2025"},
		{"2025-04-01", edtf.Full, "mardi 1er avril 2025", "الثلاثاء 1 أبريل 2025", "Tuesday 1 April 2025"},
		{"2025-04-01", edtf.Long, "1er avril 2025", "1 أبريل 2025", "1 April 2025"},
		{"2025-04-01", edtf.Short, "1er avr. 2025", "1 أبريل 2025", "1 Apr 2025"},
		{"2025-04-01", edtf.DayMonth, "1er avril", "1 أبريل", "1 April"},
		{"2025-04", edtf.Full, "avril 2025", "أبريل 2025", "April 2025"},
		{"2025-04", edtf.Short, "avr. 2025", "أبريل 2025", "Apr 2025"},
		{"2025-04", edtf.DayMonth, "avril", "أبريل", "April"},
		{"2025", edtf.Full, "2025", "2025", "2025"},
		{"2025", edtf.DayMonth, "2025", "2025", "2025"},
		{"2025-21", edtf.DayMonth, "printemps", "ربيع", "spring"},
		{"2025-04-09T09:42", edtf.Full, "mercredi 9 avril 2025, 09:42", "الأربعاء 9 أبريل 2025، 09:42", "Wednesday 9 April 2025, 09:42"},
		{"2025-04-09T09:42", edtf.Short, "9 avr. 2025, 09:42", "9 أبريل 2025، 09:42", "9 Apr 2025, 09:42"},
		{"2025-04-09T09:42", edtf.DayMonth, "9 avril, 09:42", "9 أبريل، 09:42", "9 April, 09:42"},
		{"2025-04-08~", edtf.Full, "vers le mardi 8 avril 2025", "حوالي الثلاثاء 8 أبريل 2025", "around Tuesday 8 April 2025"},
		{"2025-04-09/2025-04-12", edtf.Full, "du mercredi 9 au samedi 12 avril 2025", "من الأربعاء 9 إلى السبت 12 أبريل 2025", "Wednesday 9 to Saturday 12 April 2025"},
		{"2025-04-01/2025-04-12", edtf.Short, "du 1er au 12 avr. 2025", "من 1 إلى 12 أبريل 2025", "1 to 12 Apr 2025"},
		{"2025-04-09/2025-04-12", edtf.DayMonth, "du 9 au 12 avril", "من 9 إلى 12 أبريل", "9 to 12 April"},
		{"../2025-04-12", edtf.Full, "au plus tard le samedi 12 avril 2025", "يوم السبت 12 أبريل 2025 على أبعد تقدير", "Saturday 12 April 2025 at the latest"},
		{"2025-04-09/", edtf.Short, "au plus tôt le 9 avr. 2025", "ابتداء من 9 أبريل 2025", "9 Apr 2025 at the earliest"},
	}
	for _, tt := range tests {
		checkText(t, tt.in, tt.style, tt.fr, tt.ar, tt.en)
	}
}

func TestTextLong(t *testing.T) {
	tests := []struct{ in, fr, ar, en string }{
		{"", "", "", ""},
		// Precision is kept.
		{"2025-22", "été 2025", "صيف 2025", "summer 2025"},
		{"2025-04-09T09:42", "9 avril 2025, 09:42", "9 أبريل 2025، 09:42", "9 April 2025, 09:42"},
		{"2025-04-09T09:42:10", "9 avril 2025, 09:42:10", "9 أبريل 2025، 09:42:10", "9 April 2025, 09:42:10"},
		{"2025-04-09T09:42+01:00", "9 avril 2025, 09:42", "9 أبريل 2025، 09:42", "9 April 2025, 09:42"},
		{"2025-04-09T09:42Z", "9 avril 2025, 09:42 UTC", "9 أبريل 2025، 09:42 UTC", "9 April 2025, 09:42 UTC"},
		{"2025-03-10T09:42Z", "10 mars 2025, 09:42", "10 مارس 2025، 09:42", "10 March 2025, 09:42"},
		{"2025-04-09T09:42+02:00", "9 avril 2025, 09:42 UTC+02:00", "9 أبريل 2025، 09:42 UTC+02:00", "9 April 2025, 09:42 UTC+02:00"},
		// Qualifiers.
		{"2025-04-08~", "vers le 8 avril 2025", "حوالي 8 أبريل 2025", "around 8 April 2025"},
		{"2025-04~", "vers avril 2025", "حوالي أبريل 2025", "around April 2025"},
		{"2025~", "vers 2025", "حوالي 2025", "around 2025"},
		{"202X~", "vers les années 2020", "حوالي عقد 2020", "around the 2020s"},
		{"2025-21~", "vers le printemps 2025", "حوالي ربيع 2025", "around spring 2025"},
		{"2025-22~", "vers l’été 2025", "حوالي صيف 2025", "around summer 2025"},
		{"2025-04-08?", "8 avril 2025 (incertain)", "8 أبريل 2025 (غير مؤكد)", "8 April 2025 (uncertain)"},
		{"2025-04-08%", "vers le 8 avril 2025 (incertain)", "حوالي 8 أبريل 2025 (غير مؤكد)", "around 8 April 2025 (uncertain)"},
		// Digits that are not specified.
		{"202X", "années 2020", "عقد 2020", "2020s"},
		{"20XX", "années 2000 à 2099", "السنوات من 2000 إلى 2099", "years 2000 to 2099"},
		{"2025-XX", "2025 (mois non précisé)", "2025 (الشهر غير محدد)", "2025 (month not specified)"},
		{"2025-XX-XX", "2025 (mois et jour non précisés)", "2025 (الشهر واليوم غير محددين)", "2025 (month and day not specified)"},
		{"2025-04-XX", "avril 2025 (jour non précisé)", "أبريل 2025 (اليوم غير محدد)", "April 2025 (day not specified)"},
		{"2025-04-XX%", "vers avril 2025 (jour non précisé, incertain)", "حوالي أبريل 2025 (اليوم غير محدد، غير مؤكد)", "around April 2025 (day not specified, uncertain)"},
		// Windows.
		{"2025-04-09/2025-04-12", "du 9 au 12 avril 2025", "من 9 إلى 12 أبريل 2025", "9 to 12 April 2025"},
		{"2025-04-09/2025-04-09", "9 avril 2025", "9 أبريل 2025", "9 April 2025"},
		{"2025-03-30/2025-04-01", "du 30 mars 2025 au 1er avril 2025", "من 30 مارس 2025 إلى 1 أبريل 2025", "30 March 2025 to 1 April 2025"},
		{"2024-04-09/2025-04-12", "du 9 avril 2024 au 12 avril 2025", "من 9 أبريل 2024 إلى 12 أبريل 2025", "9 April 2024 to 12 April 2025"},
		{"2025-04-09~/2025-04-12?", "du 9 avril 2025 (approximatif) au 12 avril 2025 (incertain)", "من 9 أبريل 2025 (تقريبي) إلى 12 أبريل 2025 (غير مؤكد)", "9 April 2025 (approximate) to 12 April 2025 (uncertain)"},
		{"2025-04-09/2025-04-12%", "du 9 avril 2025 au 12 avril 2025 (approximatif, incertain)", "من 9 أبريل 2025 إلى 12 أبريل 2025 (تقريبي، غير مؤكد)", "9 April 2025 to 12 April 2025 (approximate, uncertain)"},
		{"2025-03/2025-04", "de mars 2025 à avril 2025", "من مارس 2025 إلى أبريل 2025", "March 2025 to April 2025"},
		{"2025-04/2025-05-12", "d’avril 2025 au 12 mai 2025", "من أبريل 2025 إلى 12 ماي 2025", "April 2025 to 12 May 2025"},
		{"2020/2025", "de 2020 à 2025", "من 2020 إلى 2025", "2020 to 2025"},
		{"201X/202X", "des années 2010 aux années 2020", "من عقد 2010 إلى عقد 2020", "2010s to 2020s"},
		{"2025-21/2025-24", "du printemps 2025 à l’hiver 2025", "من ربيع 2025 إلى شتاء 2025", "spring 2025 to winter 2025"},
		{"2024-23/2025-21", "de l’automne 2024 au printemps 2025", "من خريف 2024 إلى ربيع 2025", "autumn 2024 to spring 2025"},
		{"2025-04-09T09:42/2025-04-09T11:00", "du 9 avril 2025, 09:42 au 9 avril 2025, 11:00", "من 9 أبريل 2025، 09:42 إلى 9 أبريل 2025، 11:00", "9 April 2025, 09:42 to 9 April 2025, 11:00"},
		// Open and unknown ends.
		{"../2025-04-12", "au plus tard le 12 avril 2025", "في 12 أبريل 2025 على أبعد تقدير", "12 April 2025 at the latest"},
		{"/2025-04-12", "au plus tard le 12 avril 2025", "في 12 أبريل 2025 على أبعد تقدير", "12 April 2025 at the latest"},
		{"../2025-04", "au plus tard en avril 2025", "في أبريل 2025 على أبعد تقدير", "April 2025 at the latest"},
		{"../2025~", "au plus tard en 2025 (approximatif)", "في 2025 (تقريبي) على أبعد تقدير", "2025 (approximate) at the latest"},
		{"../202X", "au plus tard dans les années 2020", "في عقد 2020 على أبعد تقدير", "2020s at the latest"},
		{"../2025-21", "au plus tard au printemps 2025", "في ربيع 2025 على أبعد تقدير", "spring 2025 at the latest"},
		{"2025-04-09/..", "au plus tôt le 9 avril 2025", "ابتداء من 9 أبريل 2025", "9 April 2025 at the earliest"},
		{"2025-10/", "au plus tôt en octobre 2025", "ابتداء من أكتوبر 2025", "October 2025 at the earliest"},
		{"2025-24/..", "au plus tôt en hiver 2025", "ابتداء من شتاء 2025", "winter 2025 at the earliest"},
	}
	for _, tt := range tests {
		checkText(t, tt.in, edtf.Long, tt.fr, tt.ar, tt.en)
	}
}

func checkText(t *testing.T, in string, style edtf.Style, fr, ar, en string) {
	t.Helper()
	d := mustParse(t, in)
	for lang, want := range map[string]string{"fr": fr, "ar": ar, "en": en} {
		if got := d.Text(lang, style); got != want {
			t.Errorf("%q in %s, style %d:\n got %s\nwant %s", in, lang, style, got, want)
		}
	}
}

func TestTextMonths(t *testing.T) {
	months := []struct{ in, fr, short, ar, en string }{
		{"2025-01", "janvier 2025", "janv. 2025", "يناير 2025", "Jan 2025"},
		{"2025-02", "février 2025", "févr. 2025", "فبراير 2025", "Feb 2025"},
		{"2025-03", "mars 2025", "mars 2025", "مارس 2025", "Mar 2025"},
		{"2025-04", "avril 2025", "avr. 2025", "أبريل 2025", "Apr 2025"},
		{"2025-05", "mai 2025", "mai 2025", "ماي 2025", "May 2025"},
		{"2025-06", "juin 2025", "juin 2025", "يونيو 2025", "Jun 2025"},
		{"2025-07", "juillet 2025", "juill. 2025", "يوليوز 2025", "Jul 2025"},
		{"2025-08", "août 2025", "août 2025", "غشت 2025", "Aug 2025"},
		{"2025-09", "septembre 2025", "sept. 2025", "شتنبر 2025", "Sep 2025"},
		{"2025-10", "octobre 2025", "oct. 2025", "أكتوبر 2025", "Oct 2025"},
		{"2025-11", "novembre 2025", "nov. 2025", "نونبر 2025", "Nov 2025"},
		{"2025-12", "décembre 2025", "déc. 2025", "دجنبر 2025", "Dec 2025"},
	}
	for _, tt := range months {
		checkText(t, tt.in, edtf.Short, tt.short, tt.ar, tt.en)
		if got := mustParse(t, tt.in).Text("fr", edtf.Long); got != tt.fr {
			t.Errorf("%s: %s, want %s", tt.in, got, tt.fr)
		}
	}
}

func TestTextWeekdays(t *testing.T) {
	days := []struct{ in, fr, ar, en string }{
		{"2025-04-06", "dimanche 6 avril 2025", "الأحد 6 أبريل 2025", "Sunday 6 April 2025"},
		{"2025-04-07", "lundi 7 avril 2025", "الاثنين 7 أبريل 2025", "Monday 7 April 2025"},
		{"2025-04-08", "mardi 8 avril 2025", "الثلاثاء 8 أبريل 2025", "Tuesday 8 April 2025"},
		{"2025-04-09", "mercredi 9 avril 2025", "الأربعاء 9 أبريل 2025", "Wednesday 9 April 2025"},
		{"2025-04-10", "jeudi 10 avril 2025", "الخميس 10 أبريل 2025", "Thursday 10 April 2025"},
		{"2025-04-11", "vendredi 11 avril 2025", "الجمعة 11 أبريل 2025", "Friday 11 April 2025"},
		{"2025-04-12", "samedi 12 avril 2025", "السبت 12 أبريل 2025", "Saturday 12 April 2025"},
	}
	for _, tt := range days {
		checkText(t, tt.in, edtf.Full, tt.fr, tt.ar, tt.en)
	}
}

func TestTextLanguageTags(t *testing.T) {
	d := mustParse(t, "2025-04-08")
	tests := map[string]string{
		"fr-MA": "8 avril 2025",
		"FR":    "8 avril 2025",
		"ar_MA": "8 أبريل 2025",
		"en-GB": "8 April 2025",
		"":      "8 April 2025",
		"tr":    "8 April 2025",
		"frr":   "8 April 2025",
	}
	for tag, want := range tests {
		if got := d.Text(tag, edtf.Long); got != want {
			t.Errorf("%q: %q, want %q", tag, got, want)
		}
	}
}

func BenchmarkText(b *testing.B) {
	d := mustParse(b, "2025-04-09/2025-04-12")
	for b.Loop() {
		d.Text("fr", edtf.Full)
	}
}

func BenchmarkParse(b *testing.B) {
	for _, in := range []string{"2025-04-08", "2025-04-09/2025-04-12", "2025-04~", "198X"} {
		b.Run(in, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := edtf.Parse(in); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
