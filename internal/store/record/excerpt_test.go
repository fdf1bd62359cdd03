package record_test

import (
	"testing"

	"github.com/sijil/sijil/internal/store/record"
)

func TestHighlighterMarksWhatTheIndexFinds(t *testing.T) {
	for _, tt := range []struct{ query, text, want string }{
		{"attaque", "Des serveurs attaqués hier", "Des serveurs [attaqués] hier"},
		{"securite", "La Sécurité sociale", "La [Sécurité] sociale"},
		{`"sécurité sociale"`, "La sécurité, dite sociale. La sécurité sociale.", "La sécurité, dite sociale. La [sécurité sociale]."},
		{"bank of america", "Bank of America", "[Bank] of [America]"},
		{"cyber-attaque", "Une cyberattaque, des cyber-attaques", "Une [cyberattaque], des [cyber]-[attaques]"},
		{"ministère d’emploi", "Le ministère de l’Emploi", "Le [ministère] de l’[Emploi]"},
		{"fuite -cnss", "La fuite de la CNSS", "La [fuite] de la CNSS"},
		{"الصندوق", "بلاغ للصندوق الوطني", "بلاغ [للصندوق] الوطني"},
		{"وزاره", "وِزارة الاقتصاد", "[وِزارة] الاقتصاد"},
		{"zanzibar", "La fuite de la CNSS", ""},
	} {
		got := ""
		for _, part := range record.NewHighlighter(tt.query).Parts(tt.text) {
			if part.Hit {
				got += "[" + part.Text + "]"
			} else {
				got += part.Text
			}
		}
		if got != tt.want {
			t.Errorf("%s in %q:\ngot  %q\nwant %q", tt.query, tt.text, got, tt.want)
		}
	}
}
