import { Controller, Get, Res } from '@nestjs/common';
import { ApiHeader, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { CurrentUser, type AuthUser } from '../../common/index.js';
import { EventStreams } from './event-streams.http.js';

const EXAMPLE = `retry: 2000
: connected
id: 1020

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
   * Stream your notifications as server-sent events.
   *
   * `event` is the kind of the notification, `data` is JSON as in `listNotifications`. The stream opens with an `id`
   * without an event: the position it starts at. To resume, on any instance, send the last `id` you received, including
   * the initial id, as `Last-Event-ID`: you receive everything after it, each event once. Without it the stream starts
   * with the next event. Clients that cannot send the header use the query parameter `lastEventId`. An id that is not a
   * whole number is rejected with 400. An id this server never issued returns your latest 100. A comment is sent every
   * 15 seconds. The stream ends when the access token expires or the session ends (reissue and reconnect), and when the
   * client does not read; when a user has more than 20 connections, the oldest ends.
   *
   * The same is available over a WebSocket at `/api/v1/notifications/socket`, with frames `{"id", "event", "data"}`, of
   * which the first is `{"id": 1020, "event": "connected"}`. Send `{"accessToken": "…", "lastEventId": 1024}` within 5
   * seconds, or both as headers. The handshake fails with 403 for an origin that is not allowed and with 429 over the
   * rate limit. Close codes: 4400 for an invalid id, 4401 when the access token is missing, invalid or expired or the
   * session has ended, 4429 for the oldest of more than 20 connections, 1001 when the server shuts down, 1013 over the
   * rate limit or when the service is unavailable (try again later).
   */
  @ApiHeader({
    name: 'Last-Event-ID',
    required: false,
    description: 'Last `id` you received, including the initial id.',
    schema: { type: 'string', pattern: '^\\d{1,15}$' },
    example: '1024',
  })
  @ApiOkResponse({
    description: 'Unbounded stream of events.',
    content: { 'text/event-stream': { schema: { type: 'string', example: EXAMPLE } } },
  })
  @Get()
  async streamNotifications(@CurrentUser() user: AuthUser, @Res() reply: FastifyReply): Promise<void> {
    await this.streams.open(user, reply);
  }
}
