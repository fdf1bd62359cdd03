package store

// Undone is for tests of what a single statement is asked again after.
var Undone = undone
