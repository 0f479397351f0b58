yes = Yes
    .also = y|yeah|yep|yup|ok|okay|sure|of course|right|correct|👍|✅
no = No
    .also = n|nope|nah|no thanks|not at all|👎|❌
confirm = Confirm
    .also = I confirm|confirmed|yes|y|yeah|ok|okay|sure|send|go ahead|👍|✅
# Ends a dialogue at any question, so no word that could answer one stands here.
cancel = Cancel
    .also = cancel it|cancelled|abort|never mind|nevermind|forget it
skip = Skip
    .also = skip it|pass|nothing|none|no photo|no photos|no|n|no thanks|⏭️
more = ➡️ More
    .also = next|show more
# At any question too: no word that could answer one.
correct = Change an answer
    .also = correct it|fix it|change it|change my answer|edit|edit it|I made a mistake|my mistake|wrong answer
# Calls the bot back from the team too: no word that people say to each other in passing.
resume = Resume
    .also = resume it|continue it|go on with it|back to the bot|back to bot|talk to the bot
drop = Delete
    .also = delete it|remove|remove it|erase|erase it|drop it|throw it away
choose = Choose
numbers-hint = Reply with a number.

moment-now = Now
    .also = right now|just now|at the moment
moment-today = Today
    .also = this morning|this afternoon|earlier today
moment-yesterday = Yesterday
    .also = the day before|yesterday morning|yesterday evening

undecided = I did not understand. Here is what I can do:
undecided-media = I got your file, but I do not know what to do with it. Here is what I can do:
clarify = I am not sure I understand. What would you like to do?
question-missed = I did not understand your answer.
question-human = I cannot make out your answer. You can also talk to someone.
choice-gone = This choice is no longer valid.
photo-added = OK, the photo is added.

dialogue-cancelled = OK, I have stopped this request.
dialogue-draft = This form has changed in the meantime. Your answers are kept. Would you like to start again?
draft-restart = Start again
dialogue-parked = One request is not finished: “{ $question }” Would you like to resume it?
dialogue-dropped = OK, the request is deleted.
dialogue-failed = Sorry, this did not work. Your answers are kept and the team can see them.
correct-which = Which answer would you like to change?
correct-nothing = There is nothing to change at the moment.

voice-unheard = I could not make out the voice message. Please write it or say it again.
limited = You are sending a lot of messages at once. They are kept, but I am not answering them. Please write to me again in a minute.
refused = I do not know your number. Please ask your site manager to register you.
blocked = Your number is blocked. Please talk to your site manager.
working = ⏳ I am still working on your request…
apology = Sorry, this is taking too long on our side. Please try again in a moment.
turn-lost = Sorry, I could not handle your message. It is kept and the problem is reported. Please try again.

escalation-reached = ✅ Your request reached someone on the team at { $time }. They will answer you here.
escalation-next = The person on call is not answering. I am calling someone else on the team.
escalation-nobody = I cannot reach anyone on the team right now. Your request is kept. If there is danger, call 112. Write “{ resume }” to go on with me.
escalation-expired = Sorry, the team did not answer you in time. Your request is still kept. I am here for you again.
escalation-handed-back = The talk with the team is over. I am here for you again.
bot-resumed = I am back. What would you like to do?
# To whoever is on call; after the colon stands one of the reasons below.
escalation-ring =
    🔔 { $name } ({ $phone }) needs someone: { $reason }. { $details }

    Reply to this message (swipe it), or: lumiera escalations answer { $id } "..."
escalation-passed-on = ✅ Passed on to { $name }. Reply again in the same way; reply “{ resume }” to give the conversation back to the assistant.
escalation-over = The conversation with { $name } is over: the assistant answers again.
escalation-reason-asked = asks to talk to someone
escalation-reason-task = question about a task
escalation-reason-safety = safety question
escalation-reason-other = other question
escalation-reason-slow = has waited too long for an answer
escalation-reason-undelivered = did not get our answer
escalation-reason-failed = their message could not be handled
escalation-reason-unfinished = an important request is not finished

language-name-fr = French
language-name-en = English
language-name-es = Spanish
language-name-pt = Portuguese
language-name-de = German
language-name-it = Italian
language-name-ro = Romanian
language-name-pl = Polish
language-name-ar = Arabic

media-too-large = This file is too large for me. Please send a smaller one.
media-refused = I cannot keep this kind of file. Please send a photo, a voice message, a video or a PDF.
media-broken = I cannot read this file. Please send it again.

error-user_1001 = I cannot find your account. Please ask your site manager to register you.
error-user_1002 = You are not allowed to do this. Please talk to your site manager.
error-user_1003 = Your phone number is not valid. Please talk to your site manager.
error-project_2001 = I cannot find this site among yours. Please check the name.
error-project_2002 = You do not have a site yet. Please ask your site manager to give you one.
# The same words as for an unknown one: nobody learns what others have.
error-project_2003 = { error-project_2001 }
error-project_2004 = I cannot find this task. Please choose another one.
error-project_2005 = I cannot find this document. Please choose another one.
error-integration_3001 = Sorry, I cannot reach the data right now. Please try again in a few minutes.
error-integration_3002 = Sorry, I cannot reach the site data right now. Please try again in a few minutes.
error-integration_3003 = Sorry, the message could not be sent. Please try again in a few minutes.
error-integration_3004 = Sorry, I could not translate this message. Please write it in other words.
error-integration_3005 = Sorry, I could not listen to your voice message. Please write it.
error-logic_4001 = I did not understand your request. Please write it in other words.
error-logic_4002 = I can no longer do this. Please choose something else.
error-logic_4003 = This answer does not fit. Please check it and try again.
error-logic_4004 = I lost track of our conversation. Please tell me again what you would like to do.
error-system_5001 = Sorry, there is a problem on our side. Please try again in a few minutes.
error-system_5002 = Sorry, this is taking too long. Please try again in a few minutes.
error-system_5003 = Sorry, this service does not work right now. Please try again later.
error-system_5004 = Sorry, I cannot answer this right now. Please try again later.
