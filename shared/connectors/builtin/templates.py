"""The sentences the built-in writer chooses from, formal and conversational. None of them states a fact of its own."""

THANKS = {
    True: ("Thank you for your message.", "Thank you for contacting us.", "Thank you for writing to us."),
    False: ("Thanks for your message.", "Thanks for getting in touch.", "Thanks for writing."),
}
THANKS_AGAIN = {
    True: ("Thank you for coming back to us.", "It is good to hear from you again."),
    False: ("Good to hear from you again.", "Thanks for coming back to us.", "Thanks for picking this up again."),
}

INTRODUCED = {
    True: ("I am writing to you because our work may be of use to you.", "I would like to tell you briefly what we do."),
    False: ("I'm writing because our work may be useful to you.", "I'd like to tell you briefly what we do."),
}
"""For whoever has not written to us."""

ASKED = ("You asked {what}.",)
ASKED_IN_WORDS = ("You asked: “{span}”", "Your question was: “{span}”")
REQUESTED_IN_WORDS = ("You wrote: “{span}”.", "In your message you wrote: “{span}”.")
"""For a request that is no question."""
STATED = ("You wrote: “{span}”.", "In your message you said: “{span}”.", "You mentioned: “{span}”.")
STATED_AND_ASKED = ("You wrote “{stated}” and asked {what}.", "You mentioned “{stated}” and asked {what}.")
STATED_AND_REQUESTED = ("You wrote “{stated}”, and “{span}”.", "You mentioned “{stated}” and wrote: “{span}”.")
STATED_AND_ASKED_IN_WORDS = ("You wrote “{stated}” and asked: “{span}”", "You mentioned “{stated}” and asked: “{span}”")
TOPIC = ("You asked us about “{span}”.", "You mentioned your interest in “{span}”.")

OWED = {
    True: ("I still owe you an answer to your earlier question: “{span}”", "Your earlier question is not forgotten: “{span}”"),
    False: ("I still owe you an answer to your earlier question: “{span}”", "I haven't forgotten your earlier question either: “{span}”"),
}
OWED_IN_A_CALL = (
    "In a call I would also come back to your earlier question: “{span}”",
    "In a call we could also take up your earlier question: “{span}”",
)
"""For what they asked before in this thread and nobody answered."""
CONTINUED = ("Earlier in our conversation you wrote: “{span}”.", "You had mentioned before: “{span}”.")
REMEMBERED = ("In an earlier mail you wrote: “{span}”.", "I also remember that you wrote: “{span}”.")
TOLD_BEFORE = ("As I wrote to you before: “{span}”",)

ANSWER = (
    "Our {called}, linked below, says: “{span}”",
    "This is from our {called}, linked below: “{span}”",
    "Our {called} (linked below) puts it like this: “{span}”",
)
EXAMPLE = (
    "As an example, this is from our {called}, linked below: “{span}”",
    "One example is our {called}, linked below, which says: “{span}”",
)
ASKED_FOR = ("The {called} you asked for is linked below.", "Here is the {called} you asked for; the link is below.")
LINKED = {
    True: ("I have linked our {called} below.", "You will find our {called} linked below."),
    False: ("I've linked our {called} below.", "You'll find our {called} linked below."),
}
ANSWER_TO_NEED = (
    "You also wrote “{stated}”, and on that it says: “{span}”",
    "You mentioned “{stated}”; the {short} says on that: “{span}”",
)
PASSAGE = ("It says: “{span}”", "One passage from it says: “{span}”")
MORE = ("It also says: “{span}”", "It adds: “{span}”")

BRIDGE = {
    True: (
        "I would be glad to help you with this.",
        "I would like to give you a useful answer rather than a general one.",
        "This is a subject we would gladly take further with you.",
    ),
    False: (
        "I'd be glad to help with that.",
        "I'd like to give you a useful answer rather than a general one.",
        "That sounds like something we can work on together.",
    ),
}
BRIDGE_WITHOUT_NEED = {
    True: ("I would like to find out what would be of use to you.", "I would be glad to find out how we can help."),
    False: ("I'd like to find out what would really help you.", "I'd be glad to find out how we can help."),
}
"""For a reader who said nothing that can be taken up."""
OFFER = {
    True: ("What I can offer you is {span}.", "From our side I can offer {span}.", "One way to begin would be {span}."),
    False: ("What I can offer is {span}.", "On our side I can offer {span}.", "One way to start would be {span}."),
}
OFFER_SENTENCE = ("From our side: {span}.", "What we can say from our side: {span}.")

SLOTS = {
    True: ("I could offer you {times}.", "On my side, {times} would be possible.", "My calendar is open on {times}."),
    False: ("I could do {times}.", "On my side, {times} would work.", "My calendar is open on {times}."),
}

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

SUBJECT_ASKED_FOR = "{named} you asked for"
SUBJECT_REQUEST = "Your request {what}"
SUBJECT_TOPIC = "Your question about {topic}"
SUBJECT_MESSAGE = "Your message to {us}"
SUBJECT_SIGN_UP = "Your request to {us}"
SUBJECT_INTRODUCED = "A word from {us}"
SUBJECT_CALL = ("Times for a short call",)
SUBJECT_CALL_MESSAGE = (*SUBJECT_CALL, "A short call about your message")
SUBJECT_CALL_COMPANY = ("A short call with {company}", "{company}: times for a short call")
