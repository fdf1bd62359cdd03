package i18n

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// message is one message, cut up. A message without plurals has only other.
type message struct {
	plural bool
	forms  map[form]text
	other  text
}

// text is a message as a list of parts: literal, name, literal, name, …,
// literal. A text without placeholders has one part.
type text []string

// of returns the text for a plural category, that of other when the message has
// none of its own.
func (m message) of(f form) text {
	if t, ok := m.forms[f]; ok {
		return t
	}
	return m.other
}

// parseMessages reads a file of messages: an object whose values are texts or
// objects of plural categories.
func parseMessages(raw []byte) (map[string]message, error) {
	var values map[string]any
	if err := json.Unmarshal(raw, &values); err != nil {
		return nil, fmt.Errorf("read messages: %w", err)
	}
	out := make(map[string]message, len(values))
	for key, value := range values {
		m, err := parseMessage(value)
		if err != nil {
			return nil, fmt.Errorf("message %q: %w", key, err)
		}
		out[key] = m
	}
	return out, nil
}

func parseMessage(value any) (message, error) {
	if plain, ok := value.(string); ok {
		t, err := parseText(plain)
		return message{other: t}, err
	}
	byForm, ok := value.(map[string]any)
	if !ok {
		return message{}, errors.New("neither a text nor plural forms")
	}
	m := message{plural: true, forms: map[form]text{}}
	for name, value := range byForm {
		f := form(name)
		s, ok := value.(string)
		if !ok {
			return message{}, fmt.Errorf("plural form %q is no text", f)
		}
		t, err := parseText(s)
		if err != nil {
			return message{}, err
		}
		if !slices.Contains(forms(), f) {
			return message{}, fmt.Errorf("no plural category is called %q", f)
		}
		m.forms[f] = t
	}
	if m.forms[other] == nil {
		return message{}, fmt.Errorf("plural form %q is missing", other)
	}
	m.other = m.forms[other]
	return m, nil
}

// parseText cuts a text at its {placeholders}.
func parseText(s string) (text, error) {
	var t text
	for {
		open := strings.IndexByte(s, '{')
		if open < 0 {
			return append(t, s), nil
		}
		end := strings.IndexByte(s[open:], '}')
		if end < 2 {
			return nil, fmt.Errorf("placeholder without a name or an end in %q", s)
		}
		t = append(t, s[:open], s[open+1:open+end])
		s = s[open+end+1:]
	}
}

// names lists the placeholders of a text.
func (t text) names() []string {
	var out []string
	for i := 1; i < len(t); i += 2 {
		out = append(out, t[i])
	}
	return out
}
