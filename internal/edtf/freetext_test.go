package edtf_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/edtf"
)

// reference is a Wednesday.
var reference = edtf.Day{Year: 2025, Month: time.November, Day: 19}

// understood are texts with what they mean, and what was taken for granted.
var understood = []struct{ in, want, assumed string }{
	// EDTF itself.
	{"2025", "2025", ""},
	{"2025-04", "2025-04", ""},
	{"2025-04-08", "2025-04-08", ""},
	{" 2025-04-08 ", "2025-04-08", ""},
	{"2025-04-09t09:42z", "2025-04-09T09:42Z", ""},
	{"2025-04-09T09:42:10+01:00", "2025-04-09T09:42:10+01:00", ""},
	{"2025~", "2025~", ""},
	{"2025-04?", "2025-04?", ""},
	{"2025-04-08%", "2025-04-08%", ""},
	{"202X", "202X", ""},
	{"2025-04-xx", "2025-04-XX", ""},
	{"2025-22", "2025-22", ""},
	{"2025-04-09/2025-04-12", "2025-04-09/2025-04-12", ""},
	{"../2025-04-12", "../2025-04-12", ""},
	{"2025-04-09/", "2025-04-09/", ""},
	{"٢٠٢٥-٠٤-٠٨", "2025-04-08", ""},
	{"2025–04–08", "2025-04-08", ""},

	// Numbers: the day goes first.
	{"10/04/2025", "2025-04-10", "day-first"},
	{"10.4.2025", "2025-04-10", "day-first"},
	{"10-04-2025", "2025-04-10", "day-first"},
	{"10 04 2025", "2025-04-10", "day-first"},
	{"1/2/2025", "2025-02-01", "day-first"},
	{"13/04/2025", "2025-04-13", ""},
	{"04/04/2025", "2025-04-04", ""},
	{"١٠/٠٤/٢٠٢٥", "2025-04-10", "day-first"},
	{"۱۰/۰۴/۲۰۲۵", "2025-04-10", "day-first"},
	{"2025/04/10", "2025-04-10", ""},
	{"2025.4.10", "2025-04-10", ""},
	{"2025-4-10", "2025-04-10", ""},
	{"20250410", "2025-04-10", ""},
	{"10/04/25", "2025-04-10", "century day-first"},
	{"31/12/99", "1999-12-31", "century"},
	{"31/12/26", "2026-12-31", "century"},
	{"31/12/27", "1927-12-31", "century"},
	{"10/04", "2025-04-10", "day-first year"},
	{"25.12", "2024-12-25", "year"},
	{"04/2025", "2025-04", ""},
	{"4.2025", "2025-04", ""},
	{"2025/04", "2025-04", ""},
	{"le 10/04/2025", "2025-04-10", "day-first"},

	// With a time of day.
	{"2025-04-10 18:30", "2025-04-10T18:30", ""},
	{"2025-04-10 18:30:15", "2025-04-10T18:30:15", ""},
	{"2025-04-10 18:30 UTC", "2025-04-10T18:30Z", ""},
	{"2025-04-10 18:30 UTC+2", "2025-04-10T18:30+02:00", ""},
	{"2025-04-10 18:30 +05:30", "2025-04-10T18:30+05:30", ""},
	{"10/04/2025 18h30", "2025-04-10T18:30", "day-first"},
	{"13/04/2025 à 8h", "2025-04-13T08:00", "hour"},
	{"10 avril 2025 à 18h30", "2025-04-10T18:30", ""},
	{"10 avril 2025, 18 h 30", "2025-04-10T18:30", ""},
	{"10 avril 2025 vers 18h30", "2025-04-10T18:30~", ""},
	{"10 avril 2025 à midi", "2025-04-10T12:00", ""},
	{"10 avril 2025 à minuit", "2025-04-10T00:00", "midnight"},
	{"10 avril 2025 à 18h30 heure locale", "2025-04-10T18:30", ""},
	{"à 18h30 le 10 avril 2025", "2025-04-10T18:30", ""},
	{"10 April 2025 at 6:30 pm", "2025-04-10T18:30", ""},
	{"10 April 2025 at 6 p.m.", "2025-04-10T18:00", "hour"},
	{"10 April 2025, 12:15 am", "2025-04-10T00:15", ""},
	{"10 April 2025, 12:15 pm", "2025-04-10T12:15", ""},
	{"18:30 on 10 April 2025", "2025-04-10T18:30", ""},
	{"noon on 10 April 2025", "2025-04-10T12:00", ""},
	{"10 أبريل 2025 على الساعة 18:30", "2025-04-10T18:30", ""},
	{"10 أبريل 2025، الساعة 6:30 مساء", "2025-04-10T18:30", ""},
	{"10 أبريل 2025 على الساعة 9 صباحا", "2025-04-10T09:00", "hour"},
	{"١٠ أبريل ٢٠٢٥ الساعة ١٨:٣٠", "2025-04-10T18:30", ""},

	// Days in words.
	{"10 avril 2025", "2025-04-10", ""},
	{"10 AVRIL 2025", "2025-04-10", ""},
	{"10 avr. 2025", "2025-04-10", ""},
	{"1er avril 2025", "2025-04-01", ""},
	{"le premier avril 2025", "2025-04-01", ""},
	{"10 aout 2025", "2025-08-10", ""},
	{"10 août 2025", "2025-08-10", ""},
	{"10 fe\u0301vrier 2025", "2025-02-10", ""},
	{"10-avr-2025", "2025-04-10", ""},
	{"10-avr-25", "2025-04-10", "century"},
	{"10 avril", "2025-04-10", "year"},
	{"10 décembre", "2024-12-10", "year"},
	{"29 février", "2024-02-29", "year"},
	{"jeudi 10 avril 2025", "2025-04-10", ""},
	{"Jeudi, 10 avril 2025 à 18h30", "2025-04-10T18:30", ""},
	{"séance du 10 avril 2025", "", ""}, // see notUnderstood
	{"du 10 avril 2025", "2025-04-10", ""},
	{"10 April 2025", "2025-04-10", ""},
	{"April 10, 2025", "2025-04-10", ""},
	{"April 10th, 2025", "2025-04-10", ""},
	{"Thursday, April 10, 2025", "2025-04-10", ""},
	{"Thursday 10 April 2025", "2025-04-10", ""},
	{"10th of April 2025", "2025-04-10", ""},
	{"on the 10th of April, 2025", "2025-04-10", ""},
	{"1st Sept. 2025", "2025-09-01", ""},
	{"10 أبريل 2025", "2025-04-10", ""},
	{"10 ابريل 2025", "2025-04-10", ""},
	{"يوم 10 أبريل 2025", "2025-04-10", ""},
	{"بتاريخ 10 أبريل 2025", "2025-04-10", ""},
	{"الخميس 10 أبريل 2025", "2025-04-10", ""},
	{"يوم الخميس 10 أبريل 2025", "2025-04-10", ""},
	{"10 من أبريل 2025", "2025-04-10", ""},
	{"فاتح ماي 2025", "2025-05-01", ""},
	{"٨ غشت ٢٠٢٥", "2025-08-08", ""},
	{"3 شتنبر 2025", "2025-09-03", ""},
	{"3 دجنبر 2024", "2024-12-03", ""},
	{"10 نيسان 2025", "2025-04-10", ""},
	{"10 نيسان/أبريل 2025", "2025-04-10", ""},
	{"5 كانون الثاني 2025", "2025-01-05", ""},
	{"5 كانون الأول 2024", "2024-12-05", ""},
	{"5 تشرين الثاني 2024", "2024-11-05", ""},
	{"5 يوليو 2025", "2025-07-05", ""},
	{"5 يوليوز 2025", "2025-07-05", ""},
	{"5 أغسطس 2025", "2025-08-05", ""},
	{"5 جويلية 2025", "2025-07-05", ""},

	// Months, seasons, years: never made finer.
	{"avril 2025", "2025-04", ""},
	{"en avril 2025", "2025-04", ""},
	{"au mois d’avril 2025", "2025-04", ""},
	{"avril", "2025-04", "year"},
	{"décembre", "2024-12", "year"},
	{"April 2025", "2025-04", ""},
	{"the month of April 2025", "2025-04", ""},
	{"أبريل 2025", "2025-04", ""},
	{"شهر أبريل 2025", "2025-04", ""},
	{"شهر أبريل من سنة 2025", "2025-04", ""},
	{"été 2025", "2025-22", ""},
	{"à l’automne 2025", "2025-23", ""},
	{"summer 2025", "2025-22", ""},
	{"ربيع 2025", "2025-21", ""},
	{"en 2025", "2025", ""},
	{"année 2025", "2025", ""},
	{"سنة 2025", "2025", ""},
	{"عام ٢٠٢٥", "2025", ""},
	{"2020s", "202X", ""},
	{"les années 2020", "202X", ""},
	{"avril 2025 (jour non précisé)", "2025-04-XX", ""},

	// Approximate and uncertain.
	{"vers 2025", "2025~", ""},
	{"environ 2025", "2025~", ""},
	{"vers le 8 avril 2025", "2025-04-08~", ""},
	{"about 2025", "2025~", ""},
	{"c. 2025", "2025~", ""},
	{"around April 2025", "2025-04~", ""},
	{"~2025", "2025~", ""},
	{"≈ avril 2025", "2025-04~", ""},
	{"حوالي 2025", "2025~", ""},
	{"نحو أبريل 2025", "2025-04~", ""},
	{"أبريل 2025 تقريبا", "2025-04~", ""},
	{"10 avril 2025 ?", "2025-04-10?", ""},
	{"10 avril 2025 (?)", "2025-04-10?", ""},
	{"peut-être le 10 avril 2025", "2025-04-10?", ""},
	{"maybe April 2025", "2025-04?", ""},
	{"ربما 10 أبريل 2025", "2025-04-10?", ""},
	{"10 أبريل 2025؟", "2025-04-10?", ""},
	{"peut-être vers avril 2025", "2025-04%", ""},
	{"vers avril 2025 (incertain)", "2025-04%", ""},

	// On which side.
	{"avant le 10 avril 2025", "../2025-04-09", "before"},
	{"avant avril 2025", "../2025-03", "before"},
	{"before January 2025", "../2024-12", "before"},
	{"before 2025", "../2024", "before"},
	{"before 10 April 2025 at 18:30", "../2025-04-10T18:29", "before"},
	{"قبل 10 أبريل 2025", "../2025-04-09", "before"},
	{"au plus tard le 10 avril 2025", "../2025-04-10", ""},
	{"le 10 avril 2025 au plus tard", "../2025-04-10", ""},
	{"jusqu’au 10 avril 2025", "../2025-04-10", ""},
	{"by 10 April 2025", "../2025-04-10", ""},
	{"10 April 2025 at the latest", "../2025-04-10", ""},
	{"10 أبريل 2025 على أبعد تقدير", "../2025-04-10", ""},
	{"après le 10 avril 2025", "2025-04-11/..", "after"},
	{"after 2024", "2025/..", "after"},
	{"بعد 10 أبريل 2025", "2025-04-11/..", "after"},
	{"depuis le 10 avril 2025", "2025-04-10/..", ""},
	{"since April 2025", "2025-04/..", ""},
	{"from April 2025", "2025-04/..", ""},
	{"منذ أبريل 2025", "2025-04/..", ""},
	{"ابتداء من 10 أبريل 2025", "2025-04-10/..", ""},
	{"à partir du 10/04/2025", "2025-04-10/..", "day-first"},

	// Windows.
	{"entre le 9 et le 12 avril 2025", "2025-04-09/2025-04-12", ""},
	{"entre avril et juin 2025", "2025-04/2025-06", ""},
	{"entre 2020 et 2025", "2020/2025", ""},
	{"between 9 and 12 April 2025", "2025-04-09/2025-04-12", ""},
	{"between March 30 and April 2, 2025", "2025-03-30/2025-04-02", ""},
	{"بين 9 و12 أبريل 2025", "2025-04-09/2025-04-12", ""},
	{"بين أبريل ويونيو 2025", "2025-04/2025-06", ""},
	{"9-12 avril 2025", "2025-04-09/2025-04-12", ""},
	{"9–12 April 2025", "2025-04-09/2025-04-12", ""},
	{"April 9-12, 2025", "2025-04-09/2025-04-12", ""},
	{"9 - 12 avril", "2025-04-09/2025-04-12", "year"},
	{"du 9 au 12 avril 2025", "2025-04-09/2025-04-12", ""},
	{"du 30 mars au 1er avril 2025", "2025-03-30/2025-04-01", ""},
	{"du 28 décembre au 3 janvier 2025", "2024-12-28/2025-01-03", ""},
	{"du 28 décembre 2024 au 3 janvier", "2024-12-28/2025-01-03", ""},
	{"from 9 to 12 April 2025", "2025-04-09/2025-04-12", ""},
	{"من 9 إلى 12 أبريل 2025", "2025-04-09/2025-04-12", ""},
	{"من ٩ إلى ١٢ أبريل ٢٠٢٥", "2025-04-09/2025-04-12", ""},
	{"09/04/2025 - 12/04/2025", "2025-04-09/2025-04-12", "day-first"},
	{"13/4-15/4/2025", "2025-04-13/2025-04-15", ""},
	{"de mars à avril 2025", "2025-03/2025-04", ""},
	{"avril-mai 2025", "2025-04/2025-05", ""},
	{"2024-2025", "2024/2025", ""},
	{"depuis le 9 avril 2025 jusqu’au 12 avril 2025", "2025-04-09/2025-04-12", ""},
	{"du 9 avril 2025 à 18h au 10 avril 2025 à 9h30", "2025-04-09T18:00/2025-04-10T09:30", "hour"},
	{"vers du 9 au 12 avril 2025", "2025-04-09~/2025-04-12~", ""},

	// Thirds of a month and of a year.
	{"début avril 2025", "2025-04-01/2025-04-10", "part"},
	{"mi-avril 2025", "2025-04-11/2025-04-20", "part"},
	{"fin avril 2025", "2025-04-21/2025-04-30", "part"},
	{"fin février 2024", "2024-02-21/2024-02-29", "part"},
	{"fin avril", "2025-04-21/2025-04-30", "part year"},
	{"au début d’avril 2025", "2025-04-01/2025-04-10", "part"},
	{"début 2025", "2025-01/2025-04", "part"},
	{"mi-2025", "2025-05/2025-08", "part"},
	{"late 2025", "2025-09/2025-12", "part"},
	{"early April 2025", "2025-04-01/2025-04-10", "part"},
	{"the end of April 2025", "2025-04-21/2025-04-30", "part"},
	{"أوائل أبريل 2025", "2025-04-01/2025-04-10", "part"},
	{"منتصف أبريل 2025", "2025-04-11/2025-04-20", "part"},
	{"أواخر شهر أبريل 2025", "2025-04-21/2025-04-30", "part"},
	{"de début avril à fin mai 2025", "2025-04-01/2025-05-31", "part"},

	// Counted from Wednesday 19 November 2025.
	{"aujourd’hui", "2025-11-19", "relative"},
	{"hier", "2025-11-18", "relative"},
	{"avant-hier", "2025-11-17", "relative"},
	{"hier à 18h30", "2025-11-18T18:30", "relative"},
	{"lundi", "2025-11-17", "relative"},
	{"mercredi", "2025-11-19", "relative"},
	{"mercredi dernier", "2025-11-12", "relative"},
	{"lundi dernier", "2025-11-17", "relative"},
	{"jeudi dernier vers 18h", "2025-11-13T18:00~", "relative hour"},
	{"la semaine dernière", "2025-11-10/2025-11-16", "relative"},
	{"le mois dernier", "2025-10", "relative"},
	{"ce mois-ci", "2025-11", "relative"},
	{"l’année dernière", "2024", "relative"},
	{"cette année", "2025", "relative"},
	{"il y a 3 jours", "2025-11-16", "relative"},
	{"il y a environ deux semaines", "", ""}, // see notUnderstood
	{"il y a 2 semaines", "2025-11-05~", "relative"},
	{"il y a un mois", "2025-10", "relative"},
	{"yesterday", "2025-11-18", "relative"},
	{"yesterday at 6 pm", "2025-11-18T18:00", "relative hour"},
	{"today", "2025-11-19", "relative"},
	{"last Monday", "2025-11-17", "relative"},
	{"this Monday", "2025-11-17", "relative"},
	{"last week", "2025-11-10/2025-11-16", "relative"},
	{"last year", "2024", "relative"},
	{"3 days ago", "2025-11-16", "relative"},
	{"a week ago", "2025-11-12~", "relative"},
	{"2 years ago", "2023", "relative"},
	{"before yesterday", "../2025-11-17", "relative before"},
	{"since yesterday", "2025-11-18/..", "relative"},
	{"depuis 3 jours", "2025-11-16/..", "relative"},
	{"أمس", "2025-11-18", "relative"},
	{"يوم أمس", "2025-11-18", "relative"},
	{"اليوم", "2025-11-19", "relative"},
	{"أول أمس", "2025-11-17", "relative"},
	{"البارحة", "2025-11-18", "relative"},
	{"الاثنين الماضي", "2025-11-17", "relative"},
	{"يوم الإثنين الماضي", "2025-11-17", "relative"},
	{"الأسبوع الماضي", "2025-11-10/2025-11-16", "relative"},
	{"الشهر الماضي", "2025-10", "relative"},
	{"هذا العام", "2025", "relative"},
	{"السنة الماضية", "2024", "relative"},
	{"قبل 3 أيام", "2025-11-16", "relative"},
	{"منذ 3 أيام", "2025-11-16", "relative"},
	{"قبل يومين", "2025-11-17", "relative"},
	{"منذ أسبوع", "2025-11-12~", "relative"},

	// Not stated.
	{"", "", ""},
	{"   ", "", ""},
	{"?", "", ""},
	{"-", "", ""},
	{"inconnue", "", ""},
	{"date inconnue", "", ""},
	{"non précisée", "", ""},
	{"unknown", "", ""},
	{"not stated", "", ""},
	{"n/a", "", ""},
	{"s.d.", "", ""},
	{"غير معروف", "", ""},
	{"تاريخ غير معروف", "", ""},
	{"غير محدد", "", ""},
	{"بدون تاريخ", "", ""},
}

func TestParseText(t *testing.T) {
	for _, tt := range understood {
		if _, refused := notUnderstood[tt.in]; refused {
			continue
		}
		d, how, err := edtf.ParseText(tt.in, reference)
		if err != nil {
			t.Errorf("%q: %v", tt.in, err)
			continue
		}
		if d.String() != tt.want {
			t.Errorf("%q is %q, want %q", tt.in, d, tt.want)
		}
		if got, want := sorted(how.Assumed), strings.Fields(tt.assumed); !sameWords(got, want) {
			t.Errorf("%q assumes %v, want %v", tt.in, got, want)
		}
		if how.Precision != d.Precision() || how.Qualifier != d.Qualifier() {
			t.Errorf("%q: understanding %+v is not of %v", tt.in, how, d)
		}
	}
}

func sorted(assumed []edtf.Assumption) []string {
	var out []string
	for _, a := range assumed {
		out = append(out, string(a))
	}
	return out
}

func sameWords(a, b []string) bool {
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(a, b)
}

type refusal struct {
	reason     edtf.Reason
	word       string
	suggestion string
}

var notUnderstood = map[string]refusal{
	"mercredi 10 avril 2025":         {reason: edtf.ReasonWrongWeekday, suggestion: "2025-04-10"},
	"Wednesday 10 April 2025":        {reason: edtf.ReasonWrongWeekday, suggestion: "2025-04-10"},
	"الأربعاء 10 أبريل 2025":         {reason: edtf.ReasonWrongWeekday, suggestion: "2025-04-10"},
	"du lundi 9 au 12 avril 2025":    {reason: edtf.ReasonWrongWeekday, suggestion: "2025-04-09"},
	"04/13/2025":                     {reason: edtf.ReasonMonthFirst, suggestion: "2025-04-13"},
	"31/02/2025":                     {reason: edtf.ReasonNoSuchDay},
	"30 février 2025":                {reason: edtf.ReasonNoSuchDay},
	"2025-02-30":                     {reason: edtf.ReasonNoSuchDay},
	"2025-13":                        {reason: edtf.ReasonNoSuchMonth},
	"45/45/2025":                     {reason: edtf.ReasonNoSuchMonth},
	"10 avril 2025 à 25h":            {reason: edtf.ReasonNoSuchTime},
	"10 April 2025 at 13:70":         {reason: edtf.ReasonNoSuchTime},
	"10 April 2025 18:30 UTC+99":     {reason: edtf.ReasonBadZone},
	"entre le 12 et le 9 avril 2025": {reason: edtf.ReasonReversed},
	"2025/2020":                      {reason: edtf.ReasonReversed},
	"le 10":                          {reason: edtf.ReasonIncomplete},
	"jeudi 10":                       {reason: edtf.ReasonIncomplete},
	"entre le 9 et":                  {reason: edtf.ReasonIncomplete},
	"avant":                          {reason: edtf.ReasonIncomplete},
	"le":                             {reason: edtf.ReasonIncomplete},
	"séance du 10 avril 2025":        {reason: edtf.ReasonNotUnderstood, word: "seance"},
	"10 avril 2025 ou 2024":          {reason: edtf.ReasonNotUnderstood, word: "ou"},
	"il y a environ deux semaines":   {reason: edtf.ReasonNotUnderstood, word: "deux"},
	"avril brumaire 2025":            {reason: edtf.ReasonNotUnderstood, word: "brumaire"},
	"القرن الماضي":                   {reason: edtf.ReasonNotUnderstood, word: "القرن"},
	"10 avril 123":                   {reason: edtf.ReasonNotUnderstood, word: "123"},
	"before 0000":                    {reason: edtf.ReasonYearRange},
	strings.Repeat("avril ", 40):     {reason: edtf.ReasonTooLong},
}

func TestParseTextRefuses(t *testing.T) {
	for in, want := range notUnderstood {
		d, _, err := edtf.ParseText(in, reference)
		var problem *edtf.TextError
		if !errors.As(err, &problem) {
			t.Errorf("%q is %q, %v; want an error", in, d, err)
			continue
		}
		if problem.Reason != want.reason || want.word != "" && problem.Word != want.word || problem.Suggestion.String() != want.suggestion {
			t.Errorf("%q: %v, word %q, suggestion %q; want %+v", in, problem.Reason, problem.Word, problem.Suggestion, want)
		}
		if !slices.Contains(edtf.TextReasons(), problem.Reason) {
			t.Errorf("%q: %q is no reason of TextReasons", in, problem.Reason)
		}
	}
}

// TestParseTextReadsText holds that what the package writes, it reads.
func TestParseTextReadsText(t *testing.T) {
	for _, tt := range valid {
		if strings.HasPrefix(tt.in, "0") {
			continue // a year is read only from four digits, and Text writes fewer
		}
		checkReadBack(t, mustParse(t, tt.in))
	}
}

func checkReadBack(t *testing.T, d edtf.Date) {
	t.Helper()
	for _, lang := range []string{"fr", "ar", "en"} {
		for _, style := range []edtf.Style{edtf.Long, edtf.Full, edtf.Short} {
			text := d.Text(lang, style)
			again, how, err := edtf.ParseText(text, reference)
			if err != nil {
				t.Errorf("%v in %s, %q: %v", d, lang, text, err)
				continue
			}
			if again.Text(lang, edtf.Full) != d.Text(lang, edtf.Full) || len(how.Assumed) > 0 {
				t.Errorf("%v in %s, %q: read as %v, assumed %v", d, lang, text, again, how.Assumed)
			}
		}
	}
}

// FuzzParseText holds that no text breaks the reader, and that what it reads is
// a date.
func FuzzParseText(f *testing.F) {
	for _, tt := range understood {
		f.Add(tt.in)
	}
	for in := range notUnderstood {
		f.Add(in)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, how, err := edtf.ParseText(s, reference)
		var problem *edtf.TextError
		if err != nil {
			if !errors.As(err, &problem) || !slices.Contains(edtf.TextReasons(), problem.Reason) || !d.IsZero() {
				t.Fatalf("ParseText(%q) = %v, %v", s, d, err)
			}
			return
		}
		if d.IsZero() {
			return
		}
		checkRoundTrip(t, d)
		for _, a := range how.Assumed {
			if !slices.Contains(edtf.Assumptions(), a) {
				t.Errorf("%q: unknown assumption %q", s, a)
			}
		}
	})
}
