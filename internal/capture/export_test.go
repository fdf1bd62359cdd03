package capture

// Sniff is sniff, for its fuzz test.
var Sniff = sniff

// OnlyPublic is onlyPublic.
var OnlyPublic = onlyPublic
