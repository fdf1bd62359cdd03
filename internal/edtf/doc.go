// Package edtf holds uncertain dates: it parses them, writes them back, orders
// them, measures the delays between them and says them in French, in Arabic as
// in Morocco, and in English.
//
// The notation is the Extended Date/Time Format, levels 0 and 1, of ISO
// 8601-2:2019, as specified by the Library of Congress
// (https://www.loc.gov/standards/datetime/):
//
//	2025  2025-04  2025-04-08          year, month, day
//	2025-04-09T09:42:10+01:00          date and time, with or without a zone
//	2025-22                            season: 21 spring … 24 winter
//	2025-04~  2025-04?  2025-04%       approximate, uncertain, both
//	202X  20XX  2025-XX  2025-04-XX    digits that are not specified
//	2025-04-09/2025-04-12              interval
//	../2025-04-12  2025-04-09/         open (..) and unknown (empty) ends
//
// Three things go beyond level 1, because sources are written so: a time may
// stop at the minute (ISO 8601-1), it may carry a qualifier, and the end of an
// interval may be anything that a single date may be. Years are 0000 to 9999.
//
// Here an interval is a window of uncertainty: something happened in it, we do
// not know when. Missing is missing: a month is never read as its first day,
// and the zero Date says "not stated".
//
// What people type in a form is read by [ParseText], in three languages at once,
// and told back with what was taken for granted.
//
// A date without a zone is in Africa/Casablanca, whose offset is +01:00 except
// in Ramadan. Civil days ([Day]) are always days of that zone, so that delays
// and [Date.KnownBy] count on a single calendar.
package edtf
