package mail_test

import (
	"strings"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/i18n"
	"github.com/sijil/sijil/internal/mail"
	"github.com/sijil/sijil/internal/register"
)

func writer(t *testing.T) *mail.Writer {
	t.Helper()
	messages, err := i18n.Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	return mail.NewWriter(messages, "https://sijil.example")
}

// full is a mail with everything that any kind may have.
func full(kind register.MailKind, lang register.Lang) register.Mail {
	return register.Mail{
		Kind: kind, Name: "Nadia", Address: "nadia@example.org", Language: lang, Path: "/desk/somewhere", By: "Omar",
		Title: register.Text{"fr": "Fuite à la CNSS", "ar": "تسريب بيانات الصندوق", "en": "Leak at CNSS"},
		Note:  "Une source manque.\nMerci.", Device: "Firefox, Linux",
		At: time.Date(2026, 11, 20, 9, 30, 0, 0, time.UTC), Until: time.Date(2026, 11, 21, 9, 30, 0, 0, time.UTC),
		Items: []register.MailItem{{Title: register.Text{"fr": "Plainte de la CNSS"}, Path: "/desk/incidents/1", Days: 41}},
	}
}

// TestEveryKindIsWrittenInEveryLanguage: no key is shown in the place of a
// message, no place stays empty, and the link leads to the account's language.
func TestEveryKindIsWrittenInEveryLanguage(t *testing.T) {
	w := writer(t)
	for _, kind := range register.MailKinds() {
		for _, lang := range register.Langs() {
			letter := w.Write(full(kind, lang))
			text := letter.Subject + "\n" + letter.Text()
			for _, bad := range []string{"mail.", "{", "}"} {
				if strings.Contains(strings.ReplaceAll(text, "mail.example", ""), bad) {
					t.Errorf("%s in %s shows %q:\n%s", kind, lang, bad, text)
				}
			}
			for _, want := range []string{"https://sijil.example/" + string(lang) + "/desk/somewhere", "Nadia", "41", "> Merci."} {
				if !strings.Contains(text, want) {
					t.Errorf("%s in %s lacks %q:\n%s", kind, lang, want, text)
				}
			}
			if want := map[register.Lang]string{"fr": "ltr", "ar": "rtl", "en": "ltr"}[lang]; letter.Dir != want || letter.Lang != string(lang) {
				t.Errorf("%s in %s is written %s in %s", kind, lang, letter.Dir, letter.Lang)
			}
		}
	}
}

func TestALetterSaysTheTimeAsInMorocco(t *testing.T) {
	text := writer(t).Write(full(register.MailPasswordReset, register.French)).Text()
	if !strings.Contains(text, "21 novembre 2026") || !strings.Contains(text, "10:30") && !strings.Contains(text, "10 h 30") {
		t.Errorf("not the time in Casablanca:\n%s", text)
	}
}

// TestATextOfTheOtherDirectionIsIsolated: an Arabic title in a French sentence
// must not turn the words around it.
func TestATextOfTheOtherDirectionIsIsolated(t *testing.T) {
	m := full(register.MailAssigned, register.French)
	m.Title = register.Text{"ar": "تسريب"}
	if letter := writer(t).Write(m); !strings.Contains(letter.Subject, "\u2068تسريب\u2069") {
		t.Errorf("%q", letter.Subject)
	}
}

// TestWhatPeopleTypeStaysWhereItBelongs: no line of a header can be smuggled in.
func TestWhatPeopleTypeStaysWhereItBelongs(t *testing.T) {
	m := full(register.MailReturned, register.English)
	m.Title = register.Text{"en": "One\r\nBcc: thief@example.org\u2028x\x00y"}
	m.By = "Omar\nX: y"
	letter := writer(t).Write(m)
	if strings.ContainsAny(letter.Subject, "\r\n\x00\u2028") || strings.ContainsAny(letter.Paragraphs[0], "\r\n") {
		t.Errorf("%q, %q", letter.Subject, letter.Paragraphs[0])
	}
	if letter.Quote != "Une source manque.\nMerci." {
		t.Errorf("a remark lost its lines: %q", letter.Quote)
	}
}

func TestAMailWithoutATitleSaysSo(t *testing.T) {
	m := full(register.MailReview, register.English)
	m.Title = nil
	if letter := writer(t).Write(m); letter.Subject != "To review: untitled" {
		t.Errorf("%q", letter.Subject)
	}
}
