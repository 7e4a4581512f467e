"""Default steps and texts for each alarm type: what helps an operator anywhere. A town's event plan replaces them.

A step asks or checks. None of them dispatches anybody: the operator decides.
"""

LOUD = (
    "Ask a person on site what is heard. The program hears no sound.",
    "Check the calendar: event, works, fireworks or weather.",
    "Look at the density and the gates of the same zone.",
    "Ask on site whether anyone needs help.",
    "Decide with the reason. Record the outcome.",
)
CROWDED = (
    "Ask a person on site whether people can move freely.",
    "Compare the count with the capacity in the event plan.",
    "Ask for arrivals to be held back at the entries.",
    "Ask for further exits to be opened and kept clear.",
    "Tell the function in charge of safety.",
    "Check the neighbouring zones.",
)
FULL = (
    "Compare the number inside with what a person on site sees.",
    "Ask for a count by hand where no counter counts, and record it.",
    "Ask for arrivals to be held back at the entries.",
    "Ask for further exits to be opened and kept clear.",
    "Tell the function in charge of safety.",
    "Check the neighbouring zones.",
)
QUEUED = (
    "Ask a person on site what slows the gate down.",
    "Ask for more lanes or another gate to be opened.",
    "Ask for arrivals to be slowed down before the queue.",
    "Keep a way clear for first aid.",
    "Check the density of the zone behind the gate.",
)
GATHERING = (
    "Check the calendar: event, match, market or works.",
    "Compare the count with the capacity in the event plan.",
    "Check public transport and the neighbouring zones.",
    "Tell the function in charge of safety if more people are expected.",
)
EMPTYING = (
    "Check whether the way was closed or the place evacuated.",
    "Check the sensor: is it covered, moved or without power?",
    "Ask a person on site.",
    "Check where people went: neighbouring zones and gates.",
)
STAY_CALM = ("Please stay calm and follow the instructions of the staff.",)
ROOM_ELSEWHERE = (
    "This area is full. Please move on: there is more room further away. Do not push.",
    "Entry is paused for your safety. Please wait for the next announcement.",
)
WAIT_OR_OTHER_GATE = (
    "There is a long wait at this gate. Please use another gate. Staff will show you the way.",
    "Please take a step back and give one another room.",
)
BUSY = ("It is very busy here. Please allow more time or come later.",)
WAY_CLOSED = ("This way is closed. Please follow the signs and the staff.",)
