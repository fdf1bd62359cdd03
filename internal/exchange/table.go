package exchange

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"strings"
	"unicode/utf8"
)

// byteOrderMark lets spreadsheets read a CSV file as UTF-8.
const byteOrderMark = "\ufeff"

// writeCSV writes a table as RFC 4180 has it, with a byte order mark. A cell that
// a spreadsheet would take for a formula gets an apostrophe before it (OWASP,
// CSV injection): some take the full-width signs of East Asian keyboards for theirs.
func writeCSV(rows [][]string) ([]byte, error) {
	var out bytes.Buffer
	out.WriteString(byteOrderMark)
	w := csv.NewWriter(&out)
	w.UseCRLF = true
	for _, row := range rows {
		safe := make([]string, len(row))
		for i, cell := range row {
			safe[i] = plainCell(cell)
		}
		if err := w.Write(safe); err != nil {
			return nil, fmt.Errorf("exchange: csv: %w", err)
		}
	}
	w.Flush()
	if err := w.Error(); err != nil {
		return nil, fmt.Errorf("exchange: csv: %w", err)
	}
	return out.Bytes(), nil
}

// TableCSV writes a table whose first line names its columns.
func TableCSV(rows [][]string) ([]byte, error) { return writeCSV(rows) }

func plainCell(cell string) string {
	first, _ := utf8.DecodeRuneInString(cell)
	if cell != "" && strings.ContainsRune("=+-@\t\r\n＝＋－＠", first) {
		return "'" + cell
	}
	return cell
}
