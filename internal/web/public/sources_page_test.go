package public

import "testing"

func TestReadable(t *testing.T) {
	for address, want := range map[string]string{
		"https://a.example/2025/titre-court":      "https://a.example/2025/titre-court",
		"https://a.example/%d8%a7%d9%84-%D8%A7":   "https://a.example/ال-ا",
		"https://a.example/%C3%A9t%C3%A9%20x%2Fy": "https://a.example/été%20x%2Fy",
		"https://a.example/%d8":                   "https://a.example/%d8",             // half a letter
		"https://a.example/%E2%80%AE%D8%A7":       "https://a.example/%E2%80%AE%D8%A7", // turns the direction of writing
		"https://a.example/%E2%80%99":             "https://a.example/%E2%80%99",       // no letter
		"https://a.example/?q=%ZZ%d9%85":          "https://a.example/?q=%ZZم",
	} {
		if got := readable(address); got != want {
			t.Errorf("readable(%s) = %s, want %s", address, got, want)
		}
	}
}
