"""What the command line lets choose where v3 knows a few values only."""

#: v3's rates of lump-sum tax (v3-wire 8).
FLAT_RATES = ("2", "3", "5.5", "8.5", "10", "12", "12.5", "14", "15", "17", "20")
