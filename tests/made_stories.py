"""One story as several papers print it, and others that are not the same; people and places are invented."""

PARAGRAPHS = [
    "The ferry Marigold ran aground off Cape Tern on Tuesday night with 214 people on board, the coast guard of Lakemark said. Nobody was killed, but eleven passengers were taken to the hospital of Port Osk with broken bones.",
    "Captain Mirela Vosk told reporters that the rudder had failed ten minutes after the ship left the harbour. She had dropped both anchors, but the chains could not hold the vessel in winds of ninety kilometres an hour.",
    "Tugboats from Port Osk reached the ferry shortly before midnight and brought the passengers ashore in four groups. The last of them, a school class from Hollen, arrived at the quay at a quarter past three in the morning.",
    "The shipping company Blue Strait Lines said it would pay for every journey home. It has run the route since 1988 and had never lost a ship on it.",
    "Divers are to examine the hull on Thursday. The transport ministry has opened an inquiry, and the route stays closed until the Marigold has been towed away.",
]
STORY = "\n\n".join(PARAGRAPHS)
MIRROR = STORY.replace("kilometres an hour.", "kilometres an hour. ")
UPDATE = "\n\n".join(
    [
        PARAGRAPHS[0].replace("eleven passengers", "fourteen passengers"),
        *PARAGRAPHS[1:4],
        "Divers found a crack of two metres in the hull on Thursday. The minister, Anselm Rook, promised a report within six weeks, and a replacement ship will sail from Monday.",
    ]
)
AGENCY = "\n\n".join(
    [
        f"PORT OSK (Northern Press) - {PARAGRAPHS[0]}",
        *PARAGRAPHS[1:3],
        "Readers of this paper who were on board tell of plates flying through the dining room. “I held on to the piano,” said Tobias Lund, a teacher from Hollen, whose class was among the last to leave the ship.",
        "The town council wants to know why no second tugboat lay ready, as it has asked for since the storm of 2011. The harbour master did not answer our questions on Wednesday.",
        "Those who look for relatives can ring the town hall at any hour. Warm clothes may be brought to the gymnasium in Fisher Street, where forty beds have been put up.",
    ]
)
OTHER_AUTHOR = (
    "Passengers of a stranded ferry spent hours in the dark before help came. The Marigold had left Port Osk in heavy weather on Tuesday and struck the rocks below the lighthouse of Cape Tern.\n\n"
    "“The rudder had failed ten minutes after the ship left the harbour,” the captain, Mirela Vosk, explained. Why it did is now a matter for the inquiry that the transport ministry has opened.\n\n"
    "Blue Strait Lines, which owns the ferry, has had no accident between the two towns in almost forty years. Its director apologised on Wednesday and offered new tickets to all 214 travellers.\n\n"
    "In the hospital, doctors spoke of eleven fractures, most of them of wrists and ankles. A class of schoolchildren was unhurt."
)
EARLIER = (
    "The ferry Marigold of Blue Strait Lines was launched in the shipyard of Port Osk on Saturday in front of three thousand people. It is to carry 300 passengers and sixty cars to Lakemark twice a day.\n\n"
    "Captain Mirela Vosk, who will command it, called the ship the quietest that she had ever steered. The rudder and the engines come from a works in Hollen.\n\n"
    "The shipping company has run the route since 1988. It sells the old ferry to a museum."
)
SAME = {"mirror": MIRROR, "update": UPDATE, "agency": AGENCY}
ANOTHER = {"other author": OTHER_AUTHOR, "earlier": EARLIER}
