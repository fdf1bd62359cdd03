package register_test

import (
	"testing"

	"github.com/sijil/sijil/internal/register"
)

func TestNextState(t *testing.T) {
	t.Parallel()
	was := register.KeptCapture{HTTPStatus: 200, Final: "https://example.org/a", SHA256: "aa", Text: "A text."}
	with := func(change func(*register.KeptCapture)) register.KeptCapture {
		k := was
		change(&k)
		return k
	}
	unread := with(func(k *register.KeptCapture) { k.Text = "" })
	for name, test := range map[string]struct {
		last  *register.KeptCapture
		found register.KeptCapture
		want  register.CaptureState
	}{
		"the first":                           {nil, was, register.CaptureKept},
		"the same":                            {&was, was, register.CaptureKept},
		"the same text in other bytes":        {&was, with(func(k *register.KeptCapture) { k.SHA256 = "bb" }), register.CaptureKept},
		"another text":                        {&was, with(func(k *register.KeptCapture) { k.Text, k.SHA256 = "Another.", "bb" }), register.CaptureChanged},
		"another text of the same bytes":      {&was, with(func(k *register.KeptCapture) { k.Text = "Another." }), register.CaptureChanged},
		"no text any more":                    {&was, with(func(k *register.KeptCapture) { k.Text, k.SHA256 = "", "bb" }), register.CaptureChanged},
		"the same bytes, not read now":        {&was, unread, register.CaptureKept},
		"the same bytes, not read then":       {&unread, was, register.CaptureKept},
		"without a text, the same bytes":      {&unread, unread, register.CaptureKept},
		"without a text, other bytes":         {&unread, with(func(k *register.KeptCapture) { k.Text, k.SHA256 = "", "bb" }), register.CaptureChanged},
		"elsewhere":                           {&was, with(func(k *register.KeptCapture) { k.Final = "https://example.org/b" }), register.CaptureMoved},
		"elsewhere, the same bytes, not read": {&was, with(func(k *register.KeptCapture) { k.Final, k.Text = "https://example.org/b", "" }), register.CaptureMoved},
		"at the same place by another name":   {&was, with(func(k *register.KeptCapture) { k.Final = "http://www.example.org/a/" }), register.CaptureKept},
		"gone":                                {&was, with(func(k *register.KeptCapture) { k.HTTPStatus, k.Text = 410, "" }), register.CaptureGone},
	} {
		if got := register.NextState(test.last, test.found); got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
}
