"""Word lists of the quality gate: what is certainly no name, which words make an offer, and the calendar's vocabulary."""

WEEKDAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
MONTHS = "january february march april may june july august september october november december".split()
WEEKDAY_OF = {name: name[:3] for name in WEEKDAYS}
SHORT_WEEKDAY_OF = {name: name[:3] for name in "mon tue tues wed thu thur thurs fri sat sun".split()}
MONTH_OF = {name: number for number, name in enumerate(MONTHS, start=1)}
SHORT_MONTH_OF = {name[:3]: number for name, number in MONTH_OF.items()} | {"sept": 9}
CALENDAR_WORDS = frozenset({*WEEKDAY_OF, *SHORT_WEEKDAY_OF, *MONTH_OF, *SHORT_MONTH_OF, "am", "pm", "noon"})
MONTH_CUES = frozenset("in on by since until of early late mid from before after last next this during".split())

DURATIONS = {
    form: unit
    for unit, forms in {
        "minute": "minute minutes min mins",
        "hour": "hour hours hr hrs",
        "day": "day days",
        "week": "week weeks",
        "month": "month months",
        "quarter": "quarter quarters",
        "year": "year years yr yrs",
    }.items()
    for form in forms.split()
}
SCALES = {
    "k": 1_000, "thousand": 1_000, "hundred": 100, "m": 1_000_000, "mn": 1_000_000, "million": 1_000_000, "bn": 1_000_000_000,
    "billion": 1_000_000_000, "dozen": 12,
}  # fmt: skip
CURRENCIES = {
    form: code
    for code, forms in {
        "USD": "$ usd us$ dollar dollars",
        "EUR": "€ eur euro euros",
        "GBP": "£ gbp pound pounds",
        "CHF": "chf franc francs",
        "JPY": "¥ jpy yen",
    }.items()
    for form in forms.split()
}
VAGUE_NUMBERS = frozenset("dozens hundreds thousands millions billions tenfold twice thrice fortnight doubled tripled halved".split())
SHARES_AND_SCALES = frozenset("third quarter dozen hundred thousand million billion".split())
"""Figures when "a" or "one" stands before them."""
RELATIVE_DAYS = frozenset({"tomorrow", "yesterday", "tonight"})

OFFER_WORDS = {
    form: stem
    for stem, forms in {
        "discount": "discount discounts discounted rebate rebates",
        "guarantee": "guarantee guarantees guaranteed warranty",
        "promise": "promise promises promised",
        "refund": "refund refunds refundable refunded",
        "trial": "trial trials",
        "pilot": "pilot pilots",
        "complimentary": "complimentary",
        "waived": "waive waived waiving",
        "voucher": "voucher vouchers coupon coupons",
        "bonus": "bonus bonuses",
        "unlimited": "unlimited",
        "sla": "sla slas",
        "free": "free",
    }.items()
    for form in forms.split()
}
OFFER_PAIRS = frozenset(
    {
        "no cost",
        "no charge",
        "no obligation",
        "no commitment",
        "no risk",
        "price match",
        "half price",
        "money back",
        "special price",
        "first year free",
    }
)
NOT_AN_OFFER_BEFORE_FREE = frozenset("feel you be are is am i'm you're we're find been".split())
NOT_AN_OFFER_AFTER_FREE = frozenset("to on at next this in slot slots moment time for after before".split())

GIVEN_NAMES = frozenset(
    "alice ana andrea anna anton barbara ben carla carlos carmen claire daniel david elena emily emma erik eva fatima felix "
    "george hans helen hugo igor ines ivan james jan jane jean john jonas jose juan julia karen karl kate laura lena leo linda "
    "lisa lucas lucia maria marie mario marta martin mary michael mike monica nadia nina nora olga oliver omar oscar pablo paul "
    "pedro peter priya rachel robert rosa sam sara sarah sofia steve susan thomas tim tom victor wei yuki".split()
)

FUNCTION_WORDS = frozenset(
    "i i'm i've i'd i'll a an and any are as at be been but by can could did do does either every for from had has have he her "
    "here him his how if in is it it's its just let like may might more most my near neither no none nor not of off on once one "
    "only or our out over per please shall she should since so some such than that that's the their them then there there's these "
    "they this those though through thus to too under until up upon us was we we'd we'll we're we've were what when where whether "
    "which while who whom whose why will with within without would yes yet you you'd you'll you're you've your yours".split()
)

# Capitalised in mid-sentence without naming anybody.
NOT_NAMES = frozenset(
    "ipad ipads iphone iphones ios macos "
    "re fw fwd ok ps p.s fyi asap pdf url faq q&a ai api crm erp ceo cfo coo cto cmo vp svp md roi kpi kpis it hr rfp rfq b2b b2c "
    "saas sales marketing operations logistics finance procurement support engineering product purchasing supply chain mr mrs ms "
    "dr prof sir madam dear hi hello english internet".split()
)

# What sentences of business mail open with; anything else in that place may be a name.
OPENERS = FUNCTION_WORDS | frozenset(
    "request demo message intro introduction proposal report agenda follow-up summary offer visit event events registration overview "
    "answer answers guide checklist information info session chat conversation coffee minutes study "
    "about above according actually add additionally after again all almost along already also although always another anything "
    "apart apologies appreciate around ask attached back based because before being below besides best better between beyond both "
    "briefly build call calls choose clear clearly come companies congratulations congrats consider cost costs currently "
    "customers dear depending details doing due during each early easy else enough especially even everything exactly example "
    "excellent explore fair far fast feel few finally find fine first firstly follow following free fully further get getting "
    "give given giving glad going good got grab great happy hello help helpful hence hi hope hopefully however idea ideally "
    "in-house indeed instead interested invoices it'd it'll keep keeping know kind kindly last lastly late later lead leads learn "
    "less let's little long look looking lots love made main make making many maybe mean meaning meanwhile meet meeting meetings "
    "mind month months morning most much need nearly never new next nice nothing noted notes now obviously often old onboarding "
    "open orders ordinarily other others otherwise overall part people perfect perhaps pick plan planning plenty point pricing "
    "prices prior probably problem process projects proof provided purely put question questions quick quickly quite rather read "
    "ready really recently regarding regards reply rest results right running same say says schedule see seeing send sent "
    "separately setting several short shortly similar similarly simple simply sometimes soon sorry sounds speaking start starting "
    "steps still stock such suppose sure take talk team teams tell thank thanks that'd that'll they'd they'll they're things "
    "think time times timing today together too totally touching true trust try trying two unfortunately unless useful users "
    "using usually very volume want wanted warm warmest way week weeks welcome well what's where's who's whatever whenever "
    "whichever wishing wonderful won't work working works worth write writing wrote year years you'll your yours cheers sincerely "
    "hey three four five six seven eight nine ten eleven twelve".split()
)
OPENER_ENDINGS = ("ing", "ly", "ed", "tion", "tions", "ment", "ments", "ness", "ity", "ance", "ence", "ers", "ies", "ages", "able", "ful")

# What follows a name that opens a sentence ("Globex cut …"), besides forms in -ed and -es.
VERBS_OF_NAMES = frozenset(
    "is was has had said told runs ran works cut grew saw wants needs will would can could and also already recently just did got sold "
    "signs wrote thinks brought went made found built won lost spent leads led likes plans helps asks gets keeps kept starts began "
    "or from paid met held spoke came gave took put knew heard felt meant set read".split()
)
