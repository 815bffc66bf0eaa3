"""The sentences the built-in writer chooses from, formal and conversational. None of them states a fact of its own."""

THANKS = {
    True: ("Thank you for your message.", "Thank you for contacting us.", "Thank you for writing to us."),
    False: ("Thanks for your message.", "Thanks for getting in touch.", "Thanks for writing."),
}
THANKS_AGAIN = {
    True: ("Thank you for coming back to us.", "Thank you for writing again.", "Thank you for continuing our conversation."),
    False: ("Good to hear from you again.", "Thanks for coming back to us.", "Thanks for picking this up again."),
}
NEED = ("You wrote: “{span}”.", "In your message you said: “{span}”.", "You mentioned: “{span}”.")
NEED_AGAIN = ("This time you wrote: “{span}”.", "In your latest message you said: “{span}”.", "Since then you wrote: “{span}”.")
ASKED = ("You asked: “{span}”.", "In your message you asked: “{span}”.")
ASKED_AGAIN = ("This time you asked: “{span}”.", "In your latest message you asked: “{span}”.")
ASKED_EARLIER = ("Earlier in our conversation you asked: “{span}”.", "Before that you asked: “{span}”.")
ASKED_REMEMBERED = ("In an earlier mail you asked: “{span}”.", "Some time ago you asked: “{span}”.")
TOPIC = ("You asked us about “{span}”.", "You mentioned your interest in “{span}”.")
EARLIER = (
    "Earlier in our conversation you wrote: “{span}”.",
    "You had also mentioned: “{span}”.",
    "Before that you wrote: “{span}”.",
)
REMEMBERED = ("In an earlier mail you wrote: “{span}”.", "I also remember that you wrote: “{span}”.")
QUOTES = {
    ("need", False, False): NEED,
    ("need", False, True): ASKED,
    ("need", True, False): NEED_AGAIN,
    ("need", True, True): ASKED_AGAIN,
    ("earlier", False, False): REMEMBERED,
    ("earlier", False, True): ASKED_REMEMBERED,
    ("earlier", True, False): EARLIER,
    ("earlier", True, True): ASKED_EARLIER,
}
"""By what is quoted, whether the mail answers in a thread, and whether the words ask for something."""

BRIDGE = {
    True: (
        "I would be glad to help you with this.",
        "I would like to give you a useful answer rather than a general one.",
        "This is a subject we would gladly take further with you.",
    ),
    False: (
        "That sounds like something we can work on together.",
        "I'd like to give you a useful answer rather than a general one.",
        "I'd be glad to help with that.",
    ),
}
BRIDGE_WITHOUT_NEED = {
    True: ("I would like to understand what you are looking for.", "I would be glad to find out how we can be of use to you."),
    False: ("I'd like to understand what you're looking for.", "I'd be glad to find out how we can help."),
}
"""For a prospect who said nothing that can be taken up."""

SLOTS = {
    True: ("I could offer you {times}.", "The following would be possible on my side: {times}.", "My calendar is open on {times}."),
    False: ("I could do {times}.", "On my side this would work: {times}.", "My calendar is open on {times}."),
}
ASSET = {
    True: ("I have linked a {kind} below that deals with this subject.", "You will find a {kind} on this subject linked below."),
    False: ("I've linked a {kind} below that fits this.", "There's a {kind} on this linked below."),
}
ASSET_QUOTE = ("It says: “{span}”.", "One sentence from it: “{span}”.", "To quote it: “{span}”.")
OFFER = {
    True: ("What I can offer you is {span}.", "From our side I can offer {span}."),
    False: ("What I can offer is {span}.", "On our side I can offer {span}."),
}
OFFER_SENTENCE = ("From our side: {span}.", "What we can say from our side: {span}.")

ASK_SLOTS = {
    True: ("Which of these times would suit you?", "Would one of these times be convenient for you?"),
    False: ("Which of these works for you?", "Does one of these times work for you?"),
}
ASK_CALL = {
    True: ("Which day would suit you for a short call?", "When would a short call be convenient for you?"),
    False: ("Which day works for a short call?", "When would a quick call work for you?"),
}
ASK_ASSET = {
    True: ("Does this answer your question?", "Does this correspond to what you need?"),
    False: ("Does this answer your question?", "Is this close to what you need?"),
}
ASK_NEED = {
    True: ("What would be the most useful next step for you?", "Which point should we look at first?"),
    False: ("What would be the most useful next step for you?", "Which part should we look at first?"),
}

SUBJECT = {
    "call": ("A short call about your request", "Your request: a time to talk"),
    "call_company": ("A short call with {company}", "{company}: a time to talk"),
    "asset": ("Your request, and a {kind}", "A {kind} on your request"),
    "asset_company": ("A {kind} for {company}", "{company}: a {kind} on your request"),
    "follow_up": ("Your request, and a next step", "About your message"),
    "follow_up_company": ("Next step for {company}", "{company}: about your message"),
}
