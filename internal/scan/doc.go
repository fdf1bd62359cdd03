// Package scan attacks the site as others do, with scanners that we did not
// write (sqlmap, wapiti), and holds SECURITY.md to what there is: all of it is
// tests. "task scan" runs them whole; in between a short version runs.
package scan
