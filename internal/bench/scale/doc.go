// Package scale asks registers of very different sizes the same, and says how many
// times dearer the answers of the largest are: all of it is tests. "task
// bench:scale" runs it on folders that "sijil gen" filled.
package scale
