// Package testkit is what tests share: a fresh database for each, a clock that
// stands still, and checks of pages. Nothing that is shipped imports it.
package testkit
