import { Controller, Get, Res } from '@nestjs/common';
import { ApiHeader, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { CurrentUser, type AuthUser } from '../../common/index.js';
import { EventStreams } from './event-streams.http.js';

const EXAMPLE = `retry: 2000
: connected

id: 1024
event: place-reviewed
data: {"name":"초록상점","placeId":1,"reviewId":7}

: heartbeat

`;

@ApiTags('notifications')
@Controller('notifications/stream')
export class StreamController {
  constructor(private readonly streams: EventStreams) {}

  /**
   * Notifications as they come, as server-sent events.
   *
   * The event bears the kind of the notification, `data` is JSON as in `listNotifications`. Send the `id` of the last
   * event you have had as `Last-Event-ID` when you come back, to whichever instance: you get all you have missed, and
   * nothing twice. Without it the stream begins with what comes from now on. A comment comes every 15 seconds. The
   * stream ends when the access token expires or the session ends (reissue and come back), and for a client that does
   * not read; of one user's connections the oldest ends when there are more than 20.
   *
   * The same over a WebSocket: `/api/v1/notifications/socket`, frames `{"id", "event", "data"}`. Send
   * `{"accessToken": "…", "lastEventId": 1024}` within 5 seconds, or both as headers. Close code 4401 stands for 401,
   * 1013 for 429 and 503.
   */
  @ApiHeader({
    name: 'Last-Event-ID',
    required: false,
    description: 'Id of the last event you have had.',
    schema: { type: 'string', pattern: '^\\d{1,15}$' },
    example: '1024',
  })
  @ApiOkResponse({
    description: 'Events without end.',
    content: { 'text/event-stream': { schema: { type: 'string', example: EXAMPLE } } },
  })
  @Get()
  async streamNotifications(@CurrentUser() user: AuthUser, @Res() reply: FastifyReply): Promise<void> {
    await this.streams.open(user, reply);
  }
}
