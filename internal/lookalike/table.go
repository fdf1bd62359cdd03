package lookalike

// alike are the letters of other scripts that look like a Latin letter, or a digit,
// of ASCII, by confusables.txt of the Unicode Security Mechanisms (UTS 39, version
// 13.0.0; see NOTICE): all those whose prototype is one such character. As there, the
// capital I is written as the small l that it looks like.
//
// Scripts that stand in the file with letters that are seen in no text of today
// are left out, and Arabic, whose letters are joined to their neighbours.
var alike = map[rune]rune{
	// Armenian
	'\u054d': 'U', '\u054f': 'S', '\u0555': 'O', '\u0561': 'w', '\u0563': 'q', '\u0566': 'q', '\u0570': 'h', '\u0578': 'n', '\u057c': 'n', '\u057d': 'u',
	'\u0581': 'g', '\u0584': 'f', '\u0585': 'o',
	// Cherokee
	'\u13a0': 'D', '\u13a1': 'R', '\u13a2': 'T', '\u13a5': 'i', '\u13a9': 'Y', '\u13aa': 'A', '\u13ab': 'J', '\u13ac': 'E', '\u13b3': 'W', '\u13b7': 'M',
	'\u13bb': 'H', '\u13bd': 'Y', '\u13c0': 'G', '\u13c2': 'h', '\u13c3': 'Z', '\u13ce': '4', '\u13cf': 'b', '\u13d2': 'R', '\u13d4': 'W', '\u13d5': 'S',
	'\u13d9': 'V', '\u13da': 'S', '\u13de': 'L', '\u13df': 'C', '\u13e2': 'P', '\u13e6': 'K', '\u13e7': 'd', '\u13ee': '6', '\u13f3': 'G', '\u13f4': 'B',
	'\uab75': 'i', '\uab81': 'r', '\uab83': 'w', '\uab93': 'z', '\uaba9': 'v', '\uabaa': 's', '\uabaf': 'c',
	// Coptic
	'\u03e8': '2', '\u2c85': 'r', '\u2c8e': 'H', '\u2c92': 'l', '\u2c94': 'K', '\u2c98': 'M', '\u2c9a': 'N', '\u2c9e': 'O', '\u2c9f': 'o', '\u2ca2': 'P',
	'\u2ca3': 'p', '\u2ca4': 'C', '\u2ca5': 'c', '\u2ca6': 'T', '\u2ca8': 'Y', '\u2cac': 'X', '\u2cca': '9', '\u2ccc': '3', '\u2cd0': 'L', '\u2cd2': '6',
	// Cyrillic
	'\u0405': 'S', '\u0406': 'l', '\u0408': 'J', '\u0410': 'A', '\u0412': 'B', '\u0415': 'E', '\u0417': '3', '\u041a': 'K', '\u041c': 'M', '\u041d': 'H',
	'\u041e': 'O', '\u0420': 'P', '\u0421': 'C', '\u0422': 'T', '\u0423': 'Y', '\u0425': 'X', '\u042c': 'b', '\u0430': 'a', '\u0431': '6', '\u0433': 'r',
	'\u0435': 'e', '\u043e': 'o', '\u0440': 'p', '\u0441': 'c', '\u0443': 'y', '\u0445': 'x', '\u0455': 's', '\u0456': 'i', '\u0458': 'j', '\u0461': 'w',
	'\u0474': 'V', '\u0475': 'v', '\u04ae': 'Y', '\u04af': 'y', '\u04bb': 'h', '\u04bd': 'e', '\u04c0': 'l', '\u04cf': 'i', '\u04e0': '3', '\u0501': 'd',
	'\u050c': 'G', '\u051b': 'q', '\u051c': 'W', '\u051d': 'w', '\ua644': '2', '\ua647': 'i',
	// Greek
	'\u037a': 'i', '\u037f': 'J', '\u0391': 'A', '\u0392': 'B', '\u0395': 'E', '\u0396': 'Z', '\u0397': 'H', '\u0399': 'l', '\u039a': 'K', '\u039c': 'M',
	'\u039d': 'N', '\u039f': 'O', '\u03a1': 'P', '\u03a4': 'T', '\u03a5': 'Y', '\u03a7': 'X', '\u03b1': 'a', '\u03b3': 'y', '\u03b9': 'i', '\u03bd': 'v',
	'\u03bf': 'o', '\u03c1': 'p', '\u03c3': 'o', '\u03c5': 'u', '\u03d2': 'Y', '\u03dc': 'F', '\u03f1': 'p', '\u03f2': 'c', '\u03f3': 'j', '\u03f9': 'C',
	'\u03fa': 'M', '\u1d26': 'r', '\u1fbe': 'i',
	// Tifinagh
	'\u2d38': 'V', '\u2d39': 'E', '\u2d4f': 'l', '\u2d54': 'O', '\u2d55': 'Q', '\u2d5d': 'X',
	// Lisu
	'\ua4d0': 'B', '\ua4d1': 'P', '\ua4d2': 'd', '\ua4d3': 'D', '\ua4d4': 'T', '\ua4d6': 'G', '\ua4d7': 'K', '\ua4d9': 'J', '\ua4da': 'C', '\ua4dc': 'Z',
	'\ua4dd': 'F', '\ua4df': 'M', '\ua4e0': 'N', '\ua4e1': 'L', '\ua4e2': 'S', '\ua4e3': 'R', '\ua4e6': 'V', '\ua4e7': 'H', '\ua4ea': 'W', '\ua4eb': 'X',
	'\ua4ec': 'Y', '\ua4ee': 'A', '\ua4f0': 'E', '\ua4f2': 'l', '\ua4f3': 'O', '\ua4f4': 'U',
	// Hebrew
	'\u05d5': 'l', '\u05d8': 'v', '\u05df': 'l', '\u05e1': 'o',
	// Georgian
	'\u10e7': 'y', '\u10ff': 'o',
}
